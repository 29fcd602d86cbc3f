import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

test("protectedEnvVars() keeps what the plan sets for each process", async () => {
  for (const words of [
    "--env_vars.CUDA_VISIBLE_DEVICES 0",
    "--env_vars.SLURM_JOB_ID 1",
    "--pd_disagg.decode_env_vars.VLLM_NIXL_SIDE_CHANNEL_PORT 1",
    "--deployment.type disaggregated --deployment.prefill_env_vars.VLLM_DP_RANK 1",
  ])
    assert.match(await reportOf(words), /Expected another variable/);
  assert.deepEqual((await load("--env_vars.NCCL_DEBUG INFO")).config.env_vars, {
    NCCL_DEBUG: "INFO",
  });
});
