import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

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

test("embeddedEngine() tells what has no effect with it", async () => {
  for (const flag of ["--enable_lora", "--vllm_extra.swap_space=1", "--enable_expert_parallel"]) {
    assert.match(await noticesOf(`--engine embedded ${flag}`), /has no effect with the embedded/);
    assert.equal(await noticesOf(`--engine vllm ${flag}`), "");
  }
  assert.equal(await noticesOf("--engine embedded"), "");
  const wide = "--engine embedded --enable_expert_parallel --deployment.type multi_node";
  assert.doesNotMatch(await noticesOf(wide), /no effect/);
});
