import assert from "node:assert/strict";
import { test } from "node:test";
import { PenstockError } from "../../../errors/mod.ts";
import { parseJob } from "../commands/parse-job.ts";
import { describeJob, describeStage } from "./describe-job.ts";
import { emptyReport, type JobReport } from "./job-report.ts";

function facts(fields: string) {
  return parseJob(`JobId=12 ${fields}`)!;
}

function describe(fields: string | undefined, change: object = {}) {
  return describeJob({
    jobId: "12",
    nodeCount: 2,
    nowMs: 100_000,
    cause: undefined,
    snapshot: {
      facts: fields === undefined ? undefined : facts(fields),
      report: emptyReport,
      trouble: undefined,
      ...change,
    },
  });
}

test("describeStage() says what a job waits for and where it runs", () => {
  const say = (fields: string) => describeStage(facts(fields));
  assert.equal(say("JobState=PENDING Reason=Resources"), "Job 12 is queued: Resources");
  assert.equal(say("JobState=PENDING Reason=None"), "Job 12 is queued");
  assert.equal(say("JobState=RUNNING NodeList=x[0-1]"), "Job 12 runs on x[0-1]");
  assert.equal(say("JobState=RUNNING NodeList=x0 Restarts=1"), "Job 12 runs on x0 (run 2)");
  assert.equal(say("JobState=CONFIGURING NodeList=x0"), "Job 12 is CONFIGURING on x0");
  assert.equal(say("JobState=COMPLETING"), "Job 12 is coming down");
  assert.equal(say("JobState=FAILED"), "Job 12 has ended: FAILED");
});

test("describeJob() names nodes that have not begun, and those that have fallen silent", () => {
  assert.deepEqual(describe("JobState=RUNNING NodeList=x[0-1]"), [
    "Job 12 runs on x[0-1]",
    "2 of 2 nodes have not begun",
  ]);
  const statuses = [
    { slurm: { node: 0 }, hostname: "x0", writtenAtMs: 99_000 },
    { slurm: { node: 1 }, hostname: "x1", writtenAtMs: 40_000 },
  ];
  const report = { ...emptyReport, statuses } as unknown as JobReport;
  assert.deepEqual(describe("JobState=RUNNING NodeList=x[0-1]", { report }).slice(1), [
    'Node 1 ("x1") has said nothing for 60 s',
  ]);
});

test("describeJob() tells what Slurm has forgotten, and what it does not answer", () => {
  assert.match(describe(undefined)[0]!, /Slurm has forgotten it/);
  const trouble = "Cannot get an answer";
  assert.equal(describe("JobState=FAILED", { trouble }).at(-1), trouble);
  assert.match(describe(undefined, { trouble })[0]!, /^Nobody knows whether job 12 still runs/);
});

test("describeJob() ends with the cause and what to do", () => {
  const cause = new PenstockError("JOB_TIMED_OUT", { jobId: "12", timeLimit: "01:00:00" });
  const snapshot = { facts: facts("JobState=TIMEOUT"), report: emptyReport, trouble: undefined };
  assert.deepEqual(describeJob({ jobId: "12", nodeCount: 2, snapshot, cause, nowMs: 0 }), [
    "Job 12 has ended: TIMEOUT",
    cause.message,
    cause.hint,
  ]);
});
