import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunTool, ToolResult } from "../commands/run-tool.ts";
import type { JobRequest } from "./explain-refusal.ts";
import { submitJob } from "./submit-job.ts";

const request: JobRequest = {
  nodeCount: 4,
  gpusPerNode: 8,
  partition: null,
  account: null,
  time: null,
  nodelist: null,
  exclude: null,
};

interface Answers {
  readonly test?: Partial<ToolResult>;
  readonly submit?: Partial<ToolResult>;
  readonly sinfo?: string;
}

/** Slurm's programs as far as a submission needs them; keeps what was asked. */
function slurm({ test: tested = {}, submit = { stdout: "12\n" }, sinfo = "" }: Answers) {
  const asked: string[] = [];
  const environments: NodeJS.ProcessEnv[] = [];
  const runTool: RunTool = (argv, options) => {
    asked.push(argv.slice(0, 2).join(" "));
    environments.push(options?.env ?? {});
    const answer =
      argv[0] === "sinfo" ? { stdout: sinfo } : argv[1] === "--test-only" ? tested : submit;
    return Promise.resolve({ exitCode: 0, stdout: "", stderr: "", ...answer });
  };
  return { asked, environments, submit: () => submitJob("/o/s", request, { runTool, env }) };
}

const env = { PATH: "/bin", SLURM_CONF: "/c", SLURM_MEM_PER_CPU: "100", SLURM_JOB_ID: "4" };

test("submitJob() submits once Slurm would take the job, and reads its number in both spellings", async () => {
  const { asked, environments, submit } = slurm({});
  assert.deepEqual(await submit(), { jobId: "12", notice: undefined });
  assert.deepEqual(asked, ["sbatch --test-only", "sbatch --parsable"]);
  assert.deepEqual(environments[1], { PATH: "/bin", SLURM_CONF: "/c" });
  assert.equal((await slurm({ submit: { stdout: "13;east\n" } }).submit()).jobId, "13");
});

test("submitJob() submits nothing that Slurm refuses", async () => {
  const stderr = "allocation failure: Invalid partition name specified";
  const { asked, submit } = slurm({ test: { exitCode: 1, stderr } });
  await assert.rejects(submit(), { code: "JOB_REFUSED" });
  assert.deepEqual(asked, ["sbatch --test-only"]);
});

test("submitJob() submits no job for more nodes than there are, and one that has to wait for some", async () => {
  const tested = {
    exitCode: 1,
    stderr: "allocation failure: Requested node configuration is not available",
  };
  const small = slurm({ test: tested, sinfo: "main*|2|gpu:8|idle|up\n" });
  await assert.rejects(small.submit(), { code: "JOB_TOO_LARGE" });
  assert.deepEqual(small.asked, ["sbatch --test-only", "sinfo -h"]);
  const drained = slurm({ test: tested, sinfo: "main*|2|gpu:8|idle|up\nmain*|2|gpu:8|drain|up\n" });
  const { jobId, notice } = await drained.submit();
  assert.equal(jobId, "12");
  assert.match(notice!, /^2 of the 4 nodes/);
  const other = slurm({ test: tested, sinfo: "main*|4|gpu:8|idle|up\n" });
  await assert.rejects(other.submit(), { code: "JOB_REFUSED", message: /node configuration/ });
});

test("submitJob() tells a cluster that does not answer from one that refuses", async () => {
  const stderr = "sbatch: error: Batch job submission failed: Unable to contact slurm controller";
  await assert.rejects(slurm({ submit: { exitCode: 1, stderr } }).submit(), {
    code: "SLURM_TOOL_FAILED",
    message: /Unable to contact slurm controller/,
  });
  await assert.rejects(slurm({ submit: { stdout: "what?" } }).submit(), {
    code: "SLURM_TOOL_FAILED",
  });
});
