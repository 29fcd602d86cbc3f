import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { jobFiles } from "../files/job-files.ts";
import { hasEnded, SlurmJob } from "./slurm-job.ts";

interface Answer {
  readonly fields?: string;
  readonly stderr?: string;
}

/** A job of which Slurm says one thing after the other; the last one again and again. */
function job(context: TestContext, answers: readonly Answer[]) {
  const directory = mkdtempSync(join(tmpdir(), "penstock-slurm-job-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const asked: string[] = [];
  let index = 0;
  const made = new SlurmJob({
    jobId: "12",
    outputDirectory: directory,
    sharedFs: true,
    nodeCount: 2,
    runTool: (argv) => {
      asked.push(argv.join(" "));
      if (argv[0] === "scancel") return Promise.resolve({ exitCode: 0, stdout: "", stderr: "" });
      const { fields, stderr = "" } = answers[Math.min(index++, answers.length - 1)]!;
      const stdout = fields === undefined ? "" : `JobId=12 ${fields} StdOut=${directory}/job.log\n`;
      return Promise.resolve({ exitCode: fields === undefined ? 1 : 0, stdout, stderr });
    },
  });
  return { directory, asked, job: made };
}

const silent = { stderr: "slurm_load_jobs error: Unable to contact slurm controller" };

test("SlurmJob.snapshots() tells each change once, and ends with the job", async (context) => {
  const { job: followed } = job(context, [
    { fields: "JobState=PENDING Reason=Resources" },
    { fields: "JobState=PENDING Reason=Resources StartTime=2026-11-20T13:44:00" },
    { fields: "JobState=RUNNING Reason=None" },
    { fields: "JobState=FAILED Reason=NonZeroExitCode" },
  ]);
  const states: (string | undefined)[] = [];
  for await (const { facts } of followed.snapshots(AbortSignal.timeout(60_000)))
    states.push(facts?.state);
  assert.deepEqual(states, ["PENDING", "RUNNING", "FAILED"]);
});

test("SlurmJob.snapshot() tells what the files say where Slurm does not answer", async (context) => {
  const { directory, job: alone } = job(context, [silent]);
  const files = jobFiles(directory, { jobId: "12", restartCount: 0 });
  mkdirSync(files.nodesDirectory, { recursive: true });
  const status = {
    slurm: { jobId: "12", node: 1 },
    writtenAtMs: 1,
    nodeName: "x1",
    penstockCommand: [],
    view: { phase: "ready", processes: [] },
  };
  writeFileSync(files.status(1), JSON.stringify(status));
  const snapshot = await alone.snapshot();
  assert.match(snapshot.trouble!, /Unable to contact slurm controller/);
  assert.equal(snapshot.report.statuses[0]?.nodeName, "x1");
  assert.equal(hasEnded(snapshot), false);
});

test("SlurmJob.snapshots() goes on where Slurm does not answer for a while", async (context) => {
  const { job: followed } = job(context, [
    { fields: "JobState=RUNNING" },
    silent,
    { fields: "JobState=CANCELLED" },
  ]);
  const seen: string[] = [];
  for await (const { facts, trouble } of followed.snapshots(AbortSignal.timeout(60_000)))
    seen.push(`${facts?.state} ${trouble === undefined ? "" : "silent"}`);
  assert.deepEqual(seen, ["RUNNING ", "RUNNING silent", "CANCELLED "]);
});

test("SlurmJob.snapshots() ends at once for whoever leaves", async (context) => {
  const { job: followed } = job(context, [{ fields: "JobState=RUNNING" }]);
  const leaving = new AbortController();
  let count = 0;
  for await (const _ of followed.snapshots(leaving.signal)) {
    count++;
    leaving.abort();
  }
  assert.equal(count, 1);
});

test("SlurmJob.cause() finds the first cause in the nodes' files, or in the job's log", async (context) => {
  const { job: ended, directory } = job(context, [{ fields: "JobState=FAILED" }]);
  writeFileSync(join(directory, "job.log"), "srun: error: Node failure on x1\n");
  assert.equal((await ended.cause(await ended.snapshot()))?.code, "JOB_NODE_LOST");
  assert.equal(await ended.lostNodes(await ended.snapshot()), '"x1"');
  const files = jobFiles(directory, { jobId: "12", restartCount: 0 });
  mkdirSync(files.nodesDirectory, { recursive: true });
  const cause = { timeMs: 1, node: 1, hostname: "x1", code: "C", message: "broke", hint: "h" };
  writeFileSync(files.cause(1), JSON.stringify(cause));
  assert.match((await ended.cause(await ended.snapshot()))!.message, /node 1 \("x1"\).*broke/);
});

test("SlurmJob.awaitGone() waits for the end of a job that is cancelled, for whoever has the patience", async (context) => {
  const { job: cancelled, asked } = job(context, [
    { fields: "JobState=COMPLETING" },
    { fields: "JobState=CANCELLED" },
  ]);
  await cancelled.cancel();
  assert.equal(await cancelled.awaitGone(AbortSignal.timeout(60_000)), true);
  assert.equal(asked[0], "scancel 12");
  const { job: slow } = job(context, [{ fields: "JobState=COMPLETING" }]);
  assert.equal(await slow.awaitGone(AbortSignal.abort()), false);
});

test("hasEnded() counts a job that Slurm has forgotten", async (context) => {
  const stderr = "slurm_load_jobs error: Invalid job id specified";
  const { job: forgotten } = job(context, [{ stderr }]);
  const snapshot = await forgotten.snapshot();
  assert.equal(snapshot.facts, undefined);
  assert.ok(hasEnded(snapshot));
  assert.equal(await forgotten.cause(snapshot), undefined);
});
