import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

const nccl = "--weight_broadcast.type nccl";
const gpus = "--pd_disagg.prefill_gpu_ids 0 1 --pd_disagg.decode_gpu_ids 2 3";

test("weightBroadcast() over NCCL wants equal roles, no adapters, and one step of lag", async () => {
  assert.match(
    await reportOf(`${nccl} ${gpus} --orchestrator.max_async_level 2`),
    /--orchestrator\.max_async_level {2}rl\.max_async_level = 2\n +Expected 1 with/,
  );
  assert.match(
    await reportOf(`${nccl} ${gpus} --enable-lora`),
    /--enable-lora {2}true\n +Expected false with/,
  );
  assert.match(
    await reportOf(`${nccl} ${gpus} --pd_disagg.prefill_tp 2`),
    /prefill has 2, decode 1/,
  );
  const apart = "--deployment.type disaggregated --deployment.decode_tp 2";
  assert.match(await reportOf(`${nccl} ${apart}`), /prefill has 1, decode 2/);
});

test("weightBroadcast() is free where roles are not apart, or weights come from files", async () => {
  assert.ok(await load(`${nccl} --enable-lora`));
  assert.ok(await load(`${gpus} --pd_disagg.prefill_tp 2 --enable-lora`));
  assert.ok(await load(`${nccl} ${gpus} --orchestrator.max_async_level 1`));
});
