import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJob } from "../commands/parse-job.ts";
import type { NodeCause } from "../files/cause-file.ts";
import { explainEnd } from "./explain-end.ts";

function end(state: string, log = "", causes: readonly NodeCause[] = []) {
  const text = `JobId=11 JobState=${state} TimeLimit=01:00:00 NodeList=x[0-3] StdOut=/o/logs/job_11.log`;
  return explainEnd({ facts: parseJob(text)!, causes, log });
}

function cause(node: number, timeMs: number): NodeCause {
  const message = `"rank-${node}" ended with exit code 3`;
  return { node, timeMs, hostname: `x${node}`, code: "PROCESS_ENDED", message, hint: "Read on" };
}

test("explainEnd() has nothing to say of a job that was told to end", () => {
  assert.equal(end("CANCELLED"), undefined);
  assert.equal(end("COMPLETED"), undefined);
});

test("explainEnd() names the first of several causes", () => {
  const error = end("FAILED", "", [cause(0, 200), cause(2, 100), cause(1, 300)]);
  assert.equal(error?.code, "JOB_NODE_FAILED");
  assert.match(error.message, /node 2 \("x2"\) failed first: "rank-2" ended with exit code 3/);
  assert.equal(error.hint, "Read on (PROCESS_ENDED)");
});

test("explainEnd() tells time limit, lost node and memory, by the state or by the log", () => {
  assert.equal(end("TIMEOUT")?.code, "JOB_TIMED_OUT");
  assert.match(end("TIMEOUT")!.message, /01:00:00$/);
  assert.equal(
    end(
      "FAILED",
      "slurmstepd: error: *** JOB 11 ON x0 CANCELLED AT 2026-11-20T13:57:38 DUE TO TIME LIMIT ***",
    )?.code,
    "JOB_TIMED_OUT",
  );
  assert.equal(end("NODE_FAIL", "", [cause(1, 5)])?.code, "JOB_NODE_LOST");
  assert.match(end("NODE_FAIL")!.message, /one of x\[0-3\]/);
  assert.match(end("FAILED", "srun: error: Node failure on x2\n")!.message, /"x2"/);
  const oom =
    "srun: error: x1: task 1: Out Of Memory\nslurmstepd: error: Detected 1 oom_kill event\n";
  assert.match(end("OUT_OF_MEMORY", oom)!.message, /memory on "x1"$/);
  assert.equal(end("FAILED", oom)?.code, "JOB_OUT_OF_MEMORY");
});

test("explainEnd() tells on which node the user's own command failed first", () => {
  const said = (node: number, code: number) =>
    `penstock node ${node} (x${node}): slurm.pre_run_command ended with exit code ${code}\n`;
  const log = `${said(0, 143)}no such module\n${said(2, 7)}${said(1, 143)}`;
  const error = end("FAILED", log);
  assert.equal(error?.code, "PRE_RUN_FAILED");
  assert.match(error.message, /on node 2 \(x2\): .* exit code 7/);
  assert.equal(end("CANCELLED", said(0, 143)), undefined);
});

test("explainEnd() names the compute nodes that have no Node.js, whoever says so", () => {
  const exits =
    "srun: error: x1: task 1: Exited with exit code 2\nsrun: error: x2: task 2: Exited with exit code 2\n";
  const said = [
    "slurmstepd-x1: error: execve(): /opt/n/node: No such file or directory\n",
    "slurmstepd: error: execve(): /opt/n/node: No such file or directory\n",
    "pre-run: line 1: /opt/n/node: No such file or directory\n",
    "pre-run: line 1: exec: /opt/n/node: cannot execute: No such file or directory\n",
  ];
  for (const line of said) {
    const error = end("FAILED", exits + line);
    assert.equal(error?.code, "NODE_JS_MISSING", line);
    assert.equal(
      error.message,
      'Cannot start Penstock on "x1", "x2": there is no "/opt/n/node" there',
    );
  }
  const module = "Error: Cannot find module '/opt/penstock/bin/penstock.js'\n";
  assert.match(end("FAILED", module)!.message, /on a compute node: .*"\/opt\/penstock\/bin/);
  const unsaid = end("FAILED", exits);
  assert.equal(unsaid?.code, "NODE_JS_MISSING");
  assert.match(unsaid.message, /^Cannot start Penstock on "x1", "x2": there is no "\//);
});

test("explainEnd() tells an output directory that the first node does not see", () => {
  const text = (logFile: string, exitCode = "0:53") =>
    `JobId=11 JobState=FAILED Reason=JobLaunchFailure ExitCode=${exitCode} NodeList=x[0-1] BatchHost=x0 StdOut=${logFile}`;
  const explain = (line: string, log = "") =>
    explainEnd({ facts: parseJob(line)!, causes: [], log });
  const hidden = explain(text("/o/logs/job_11.log"));
  assert.equal(hidden?.code, "OUTPUT_DIR_NOT_SHARED");
  assert.match(hidden.message, /the job's log "\/o\/logs\/job_11\.log" on "x0": Slurm could not/);
  for (const other of [text("/tmp/penstock_11.log"), text("/o/logs/job_11.log", "1:0")])
    assert.equal(explain(other)?.code, "JOB_ENDED");
  assert.equal(explain(text("/o/logs/job_11.log"), "it began")?.code, "JOB_ENDED");
});

test("explainEnd() quotes a node that could not leave a cause behind", () => {
  const log = [
    "srun: cluster configuration lacks support for cpu binding",
    'penstock: Cannot read the Plan "/o/plan.json" on "x1": there is no such file, and so on',
    "  Give --output-dir another directory",
    "  OUTPUT_DIR_NOT_SHARED",
    "srun: error: x1: task 1: Exited with exit code 1",
    "",
  ].join("\n");
  const error = end("FAILED", log);
  assert.match(
    error!.message,
    /a node failed first: Cannot read the Plan "\/o\/plan.json" on "x1"/,
  );
  assert.equal(error!.hint, "Give --output-dir another directory (OUTPUT_DIR_NOT_SHARED)");
  const named = log
    .replace("penstock: ", "penstock node 1 (x1): ")
    .replaceAll("\n  ", "\npenstock node 1 (x1):   ");
  assert.match(end("FAILED", named)!.message, /node 1 \(x1\) failed first: Cannot read the Plan/);
});

test("explainEnd() passes on what srun says of a node that was killed", () => {
  const log = "srun: error: x1: task 1: Killed\nsrun: error: x0: task 0: Exited with exit code 1\n";
  const error = end("FAILED", log);
  assert.equal(error?.code, "JOB_NODE_FAILED");
  assert.match(error.message, /node "x1" failed first: .* srun says "Killed"$/);
});

test("explainEnd() shows the last lines where nobody has named a cause", () => {
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`).join("\n");
  const error = end("FAILED", lines);
  assert.equal(error?.code, "JOB_ENDED");
  assert.match(error.message, /ended as FAILED, .*are:\n {4}line 10\n/);
  assert.match(error.message, /line 29$/);
  assert.match(end("PREEMPTED")!.message, /PREEMPTED, the last lines of its log are empty$/);
  assert.match(error.hint, /\/o\/logs\/job_11\.log/);
});
