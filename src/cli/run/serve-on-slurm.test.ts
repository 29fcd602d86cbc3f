import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";
import { type FakeSlurm, makeFakeSlurm } from "../../launch/slurm/test-support/fake-slurm.ts";

const bin = join(import.meta.dirname, "..", "..", "..", "bin", "penstock.js");

/** A Slurm that takes job 12, of which it says what the file "state" holds. */
function slurm(context: TestContext, state: string): FakeSlurm {
  const fake = makeFakeSlurm(context);
  setState(fake, state);
  fake.program("sbatch", 'case "$1" in --parsable) echo 12 ;; esac');
  fake.program(
    "scontrol",
    'echo "JobId=12 $(<$DIR/state) Command=$DIR/out/penstock.sbatch StdOut=$DIR/out/logs/job_12.log"',
  );
  fake.program("scancel", 'echo "JobState=CANCELLED Reason=None" > $DIR/state');
  return fake;
}

function setState({ directory }: FakeSlurm, state: string): void {
  writeFileSync(join(directory, "state"), state);
}

function words({ directory }: FakeSlurm): readonly string[] {
  const shape = ["--deployment.type", "multi_node", "--deployment.num_nodes", "2"];
  const engine = ["--engine", "embedded", "--parallel.dp", "1"];
  return ["serve", "--output-dir", join(directory, "out"), "--slurm", ...shape, ...engine];
}

/** Follows a job until the text is there, then sends SIGINT as Ctrl-C does. */
async function interrupt(fake: FakeSlurm, wanted: string, ...more: readonly string[]) {
  const options = { env: { ...fake.env, NO_COLOR: "1" }, timeout: 60_000 };
  const child = spawn(process.execPath, [bin, ...words(fake), ...more], {
    ...options,
    killSignal: "SIGKILL",
  });
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let seen = "";
  child.stderr.on("data", (chunk: Buffer) => {
    const isThere = seen.includes(wanted);
    seen += chunk.toString();
    if (!isThere && seen.includes(wanted)) child.kill("SIGINT");
  });
  const [stderr, exitCode] = await Promise.all([text(child.stderr), exit]);
  return { stderr, exitCode };
}

test("serveOnSlurm() writes the files, submits, follows, and names the cause of the end", async (context) => {
  const fake = slurm(context, "JobState=FAILED Reason=NonZeroExitCode");
  const logs = join(fake.directory, "out", "logs");
  mkdirSync(logs, { recursive: true });
  writeFileSync(
    join(logs, "job_12.log"),
    "srun: error: x1: task 1: Exited with exit code 2\nslurmstepd: error: execve(): /opt/node: No such file or directory\n",
  );
  const { stderr, exitCode } = await runPenstock(words(fake), fake.env);
  assert.equal(exitCode, 1);
  assert.match(stderr, /^Submitted job 12; .*\n(.*\n)+ {2}penstock status 12 /);
  assert.match(stderr, /Cannot start Penstock on "x1": there is no "\/opt\/node" there/);
  assert.match(stderr, /NODE_JS_MISSING\s*$/);
  const script = join(fake.directory, "out", "penstock.sbatch");
  assert.ok(existsSync(script) && existsSync(join(fake.directory, "out", "plan.json")));
  const submissions = fake.calls().filter((call) => call.startsWith("sbatch"));
  assert.deepEqual(submissions, [
    "sbatch --version",
    `sbatch --test-only ${script}`,
    `sbatch --parsable ${script}`,
  ]);
});

test("serveOnSlurm() leaves the job alone at Ctrl-C, and says how to come back", async (context) => {
  const fake = slurm(context, "JobState=PENDING Reason=Resources");
  const { stderr, exitCode } = await interrupt(fake, "queued: Resources");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /Job 12 goes on: penstock status 12 shows it, penstock stop 12 ends it\s*$/);
  assert.ok(!fake.calls().some((call) => call.startsWith("scancel")));
  const again = await runPenstock(words(fake), fake.env);
  assert.equal(again.exitCode, 1);
  assert.match(again.stderr, /job 12, which is PENDING, uses them[^]*OUTPUT_DIR_IN_USE/);
  const status = await runPenstock(["status", "12"], fake.env);
  assert.match(status.stdout, /Job 12 is queued: Resources/);
});

test("serveOnSlurm() ends the job at Ctrl-C with --cancel-on-exit, and waits until it is gone", async (context) => {
  const fake = slurm(context, "JobState=RUNNING Reason=None NodeList=x[0-1]");
  const { stderr, exitCode } = await interrupt(fake, "runs on x[0-1]", "--cancel-on-exit");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /Cancelling job 12\nJob 12 is gone\s*$/);
  assert.ok(fake.calls().includes("scancel 12"));
});

test("serveOnSlurm() says when a cancelled job is not gone for somebody who does not wait", async (context) => {
  const fake = slurm(context, "JobState=RUNNING Reason=None NodeList=x[0-1]");
  fake.program("scancel", 'sleep 1; kill -INT "$PPID"; sleep 1');
  const { stderr, exitCode } = await interrupt(fake, "runs on x[0-1]", "--cancel-on-exit");
  assert.equal(exitCode, 1, stderr);
  assert.match(stderr, /JOB_NOT_CANCELLED\s*$/);
});

test("serveOnSlurm() ends well with a job that somebody has cancelled", async (context) => {
  const fake = slurm(context, "JobState=CANCELLED Reason=None");
  const { stderr, exitCode } = await runPenstock(words(fake), fake.env);
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /Job 12 has ended: CANCELLED\s*$/);
});

test("serveOnSlurm() writes nothing where there is no Slurm", async (context) => {
  const fake = makeFakeSlurm(context);
  const { stderr, exitCode } = await runPenstock(words(fake), { PATH: "/nowhere" });
  assert.equal(exitCode, 1);
  assert.match(stderr, /there is no "sbatch" on PATH[^]*SBATCH_MISSING/);
  assert.equal(existsSync(join(fake.directory, "out")), false);
});

test("serveOnSlurm() follows a template of the user's", async (context) => {
  const fake = slurm(context, "JobState=COMPLETED Reason=None");
  const template = join(fake.directory, "template.sh");
  writeFileSync(template, "#!/bin/bash\n{{sbatch_lines}}\n# mine\n{{node_command}}\n");
  const more = ["--slurm.template_path", template];
  const { stderr, exitCode } = await runPenstock([...words(fake), ...more], fake.env);
  assert.equal(exitCode, 0, stderr);
  const script = readFileSync(join(fake.directory, "out", "penstock.sbatch"), "utf8");
  assert.match(script, /\n# mine\nsrun /);
});
