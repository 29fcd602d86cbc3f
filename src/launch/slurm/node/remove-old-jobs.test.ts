import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { jobsKeptMax, removeOldJobs } from "./remove-old-jobs.ts";

/** An output directory with attempts of these jobs, written to two hours ago. */
function outputs(context: TestContext, names: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-old-jobs-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const long = Date.now() / 1_000 - 7_200;
  for (const name of names) {
    const nodes = join(directory, "logs", name, "nodes");
    mkdirSync(nodes, { recursive: true });
    utimesSync(nodes, long, long);
    writeFileSync(join(directory, "logs", `job_${name.split("_")[1]}.log`), "");
  }
  return directory;
}

const slurm = (states: Readonly<Record<string, string>>) => (argv: readonly string[]) => {
  const jobId = argv.at(-1)!;
  const state = states[jobId];
  return Promise.resolve(
    state === undefined
      ? { exitCode: 1, stdout: "", stderr: "slurm_load_jobs error: Invalid job id specified" }
      : { exitCode: 0, stdout: `JobId=${jobId} JobState=${state}\n`, stderr: "" },
  );
};

const namesOf = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => `attempt_${first + index}`);

const kept = (directory: string) =>
  readdirSync(join(directory, "logs"))
    .filter((name) => name.startsWith("attempt_"))
    .toSorted();

test("removeOldJobs() keeps the newest jobs with all their runs, and removes the others with their logs", async (context) => {
  const directory = outputs(context, [...namesOf(90, 102), "attempt_90_1", "attempt_102_1"]);
  await removeOldJobs(directory, "102", { runTool: slurm({}) });
  const newest = namesOf(102 - jobsKeptMax + 1, 102);
  assert.deepEqual(kept(directory), [...newest, "attempt_102_1"].toSorted());
  const logs = readdirSync(join(directory, "logs"));
  assert.ok(!logs.includes("job_90.log") && logs.includes("job_102.log"));
});

test("removeOldJobs() keeps what is queued, runs, was written to of late, or is no job's", async (context) => {
  const directory = outputs(context, namesOf(1, 20));
  const logs = join(directory, "logs");
  rmSync(join(logs, "attempt_3", "nodes"), { recursive: true });
  const now = Date.now() / 1_000;
  utimesSync(join(logs, "attempt_4", "nodes"), now, now);
  const runTool = slurm({ 1: "PENDING", 2: "RUNNING", 5: "CANCELLED" });
  await removeOldJobs(directory, "20", { runTool });
  const newest = namesOf(20 - jobsKeptMax + 1, 20);
  assert.deepEqual(kept(directory), [...namesOf(1, 4), ...newest].toSorted());
});

test("removeOldJobs() removes nothing where Slurm does not answer", async (context) => {
  const directory = outputs(context, namesOf(1, 12));
  const runTool = () => Promise.resolve({ exitCode: 1, stdout: "", stderr: "Unable to contact" });
  await assert.rejects(removeOldJobs(directory, "12", { runTool }), { code: "SLURM_TOOL_FAILED" });
  assert.equal(kept(directory).length, 12);
});
