import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { LogEntry } from "../../control/deployment-source.ts";
import { jobFiles } from "../files/job-files.ts";
import { SlurmJob } from "./slurm-job.ts";
import { SlurmSource } from "./slurm-source.ts";

/** A job with one node that has written its files. */
function source(context: TestContext, state: string, srun = { exitCode: 0, stderr: "" }) {
  const directory = mkdtempSync(join(tmpdir(), "penstock-slurm-source-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const files = jobFiles(directory, { jobId: "12", restartCount: 0 });
  mkdirSync(files.nodesDirectory, { recursive: true });
  const logFile = join(files.logDirectory, "rank-3.log");
  writeFileSync(logFile, "one\ntwo\nthree\n");
  const process_ = { id: "rank-3", phase: "ready", logFile, restartCount: 0 };
  const status = {
    id: "job12-node1",
    slurm: { jobId: "12", node: 1 },
    hostname: "host1",
    nodeName: "x1",
    penstockCommand: ["node", "penstock.js"],
    writtenAtMs: Date.now(),
    view: { phase: "ready", processes: [process_] },
  };
  writeFileSync(files.status(1), JSON.stringify(status));
  const asked: string[] = [];
  const job = new SlurmJob({
    jobId: "12",
    outputDirectory: directory,
    sharedFs: true,
    nodeCount: 2,
    runTool: (argv) => {
      asked.push(argv.join(" "));
      if (argv[0] === "srun") return Promise.resolve({ stdout: "", ...srun });
      const stdout = argv[0] === "scontrol" ? `JobId=12 JobState=${state} NodeList=x[0-1]\n` : "";
      return Promise.resolve({ exitCode: 0, stdout, stderr: "" });
    },
  });
  return { source: new SlurmSource(job), asked };
}

async function read(logs: AsyncIterable<readonly LogEntry[]>): Promise<readonly string[]> {
  const entries: LogEntry[] = [];
  for await (const batch of logs) entries.push(...batch);
  return entries.map(({ processId, line }) => `${processId}: ${line}`);
}

test("SlurmSource.status() tells of the nodes and of the job", async (context) => {
  const { source: running } = source(context, "RUNNING");
  const { parts, notes } = await running.status();
  assert.equal(running.name, "job 12");
  assert.deepEqual(
    parts.map(({ id }) => id),
    ["job12-node1"],
  );
  assert.deepEqual(notes, ["Job 12 runs on x[0-1]", "1 of 2 nodes have not begun"]);
});

test("SlurmSource.watch() ends with the job, and says why it ended", async (context) => {
  const { source: failed } = source(context, "TIMEOUT");
  const seen: (readonly string[])[] = [];
  for await (const { notes, parts, isOver } of failed.watch(AbortSignal.timeout(30_000))) {
    seen.push(notes);
    assert.ok(isOver);
    const phases = parts.map(({ view }) => [view.phase, view.processes[0]!.phase]);
    assert.deepEqual(phases, [["ended", "ended"]], "whatever its nodes said last");
  }
  assert.equal(seen.length, 1);
  assert.equal(seen[0]![0], "Job 12 has ended: TIMEOUT");
  assert.match(seen[0]![1]!, /time limit/);
});

test("SlurmSource.logs() reads the nodes' files, also of a job that has ended", async (context) => {
  const { signal } = new AbortController();
  const wish = { processIds: ["rank-3"], lineCount: 2, signal };
  for (const [state, follow] of [
    ["RUNNING", false],
    ["CANCELLED", true],
  ] as const) {
    const { source: read_ } = source(context, state);
    const lines = await read(read_.logs({ ...wish, follow }));
    assert.deepEqual(lines, ["rank-3: two", "rank-3: three"]);
  }
});

test("SlurmSource.stop() cancels the job, gently or not", async (context) => {
  const { source: stopped, asked } = source(context, "RUNNING");
  await stopped.stop();
  assert.deepEqual(asked, ["scancel 12"]);
});

test("SlurmSource.restart() runs the command where the process is", async (context) => {
  const { source: restarted, asked } = source(context, "RUNNING");
  await restarted.restart("rank-3");
  const step = asked.find((call) => call.startsWith("srun "))!;
  assert.match(
    step,
    /--jobid=12 --overlap .*--nodelist=x1 node penstock\.js restart --no-wait rank-3/,
  );
  assert.match(step, /--deployment job12-node1$/);
  await assert.rejects(restarted.restart("rank-9"), { code: "PROCESS_UNKNOWN" });
  const failing = source(context, "RUNNING", { exitCode: 1, stderr: "no such socket" });
  await assert.rejects(failing.source.restart("rank-3"), {
    code: "SLURM_TOOL_FAILED",
    message: /no such socket/,
  });
  const stderr = `penstock: Cannot restart "rank-3": it stops\n  Wait\n  PROCESS_NOT_RESTARTABLE\nsrun: error: x1: task 0: Exited with exit code 1\n`;
  await assert.rejects(
    source(context, "RUNNING", { exitCode: 1, stderr }).source.restart("rank-3"),
    { message: /: Cannot restart "rank-3": it stops$/ },
  );
});
