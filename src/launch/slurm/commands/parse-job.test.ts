import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJob } from "./parse-job.ts";

/** As Slurm 22.05 prints a job of four nodes. */
const recorded =
  "JobId=11 JobName=a.sh UserId=root(0) GroupId=root(0) MCS_label=N/A Priority=4294901749 Nice=0 Account=(null) QOS=(null) " +
  "JobState=RUNNING Reason=None Dependency=(null) Requeue=1 Restarts=2 BatchFlag=1 Reboot=0 ExitCode=0:0 RunTime=00:00:01 " +
  "TimeLimit=01:00:00 TimeMin=N/A SubmitTime=2026-11-20T13:44:00 EligibleTime=2026-11-20T13:44:00 StartTime=2026-11-20T13:44:00 " +
  "EndTime=2026-11-20T14:44:00 Deadline=N/A SuspendTime=None Partition=main AllocNode:Sid=localhost:7827 ReqNodeList=(null) " +
  "ExcNodeList=(null) NodeList=x[0-3] BatchHost=x0 NumNodes=4 NumCPUs=256 NumTasks=4 CPUs/Task=1 ReqB:S:C:T=0:0:*:* " +
  "Command=/srv/my outputs/penstock.sbatch WorkDir=/srv StdErr=/srv/job_11.log StdIn=/dev/null StdOut=/srv/job_11.log Power= " +
  "TresPerNode=gres:gpu:2 \n";

test("parseJob() reads a running job", () => {
  assert.deepEqual(parseJob(recorded), {
    jobId: "11",
    stage: "running",
    state: "RUNNING",
    reason: undefined,
    restartCount: 2,
    exitCode: "0:0",
    nodeList: "x[0-3]",
    startTime: "2026-11-20T13:44:00",
    timeLimit: "01:00:00",
    batchHost: "x0",
    scriptFile: "/srv/my outputs/penstock.sbatch",
    logFile: "/srv/job_11.log",
    cause: undefined,
  });
});

test("parseJob() tells the stages of a job by every spelling of its state", () => {
  const stageOf = (state: string) => parseJob(`JobId=1 JobState=${state} Reason=Resources`)?.stage;
  assert.equal(stageOf("PENDING"), "queued");
  assert.equal(stageOf("PENDING,REQUEUED"), "queued");
  assert.equal(stageOf("CONFIGURING"), "running");
  assert.equal(stageOf("COMPLETING"), "ending");
  assert.equal(stageOf("CANCELLED+COMPLETING"), "ending");
  for (const state of ["CANCELLED", "COMPLETED", "FAILED", "NODE_FAIL", "TIMEOUT", "OUT_OF_MEMORY"])
    assert.equal(stageOf(state), "ended");
});

test("parseJob() knows why a job waits, and when it may start", () => {
  const job = parseJob(
    "JobId=1 JobState=PENDING Reason=Resources Restarts=0 StartTime=Unknown NodeList=",
  );
  assert.equal(job?.reason, "Resources");
  assert.equal(job?.startTime, undefined);
  assert.equal(job?.nodeList, undefined);
});

test("parseJob() finds no job where none is shown", () => {
  assert.equal(parseJob(""), undefined);
  assert.equal(parseJob("No jobs in the system\n"), undefined);
});
