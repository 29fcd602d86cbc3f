import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

test("embeddedEngine() has no tensor parallelism, for no role", async () => {
  const report = await reportOf(
    "--engine embedded --parallel.tp 2 --pd_disagg.prefill_tp 2 --pd_disagg.prefill_gpu_ids 0 2",
  );
  assert.match(report, /--parallel\.tp {2}2\n +Expected 1/);
  assert.match(report, /--pd_disagg\.prefill_tp {2}2\n +Expected 1/);
  assert.equal((await load("--engine auto --parallel.tp 2")).config.parallel.tp, 2);
  assert.match(
    await reportOf("--engine embedded --deployment.type disaggregated --deployment.decode_tp 2"),
    /--deployment\.decode_tp {2}2\n +Expected 1/,
  );
});

test("embeddedEngine() refuses what only GPUs have", async () => {
  assert.match(
    await reportOf("--engine embedded --model.dtype float16"),
    /with the embedded engine/,
  );
  assert.match(
    await reportOf("--engine embedded --kv_cache_offload.cpu.num_bytes 1"),
    /Expected none/,
  );
});
