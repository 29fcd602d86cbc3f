import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

test("pdDisaggGpus() takes the worked example of workers", async () => {
  const words =
    "--pd_disagg.prefill_gpu_ids 0 1 2 3 --pd_disagg.prefill_tp 2 --pd_disagg.decode_gpu_ids [4,5]";
  assert.deepEqual((await load(words)).config.pd_disagg?.decode_gpu_ids, [4, 5]);
});

test("pdDisaggGpus() reports GPUs that do not divide, repeat, overlap or are not there", async () => {
  assert.match(
    await reportOf(
      "--pd_disagg.prefill_gpu_ids 0 1 2 --pd_disagg.prefill_tp 2 --pd_disagg.decode_gpu_ids 3",
    ),
    /Expected pd_disagg\.prefill_gpu_ids to hold a multiple of 2 GPUs, .* found 3/,
  );
  assert.match(
    await reportOf("--pd_disagg.prefill_gpu_ids 0 2 2 --pd_disagg.decode_gpu_ids 1"),
    /Expected each GPU once: 2 is repeated/,
  );
  assert.match(
    await reportOf("--pd_disagg.prefill_gpu_ids 0 1 --pd_disagg.decode_gpu_ids 1 2"),
    /Expected GPUs that prefill does not have: 1 would do both/,
  );
  assert.match(
    await reportOf("--pd_disagg.decode_gpu_ids 8 --deployment.gpus_per_node 8"),
    /there is no GPU 8/,
  );
});
