import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

test("loraLimits() rounds ranks up to what vLLM takes", async () => {
  for (const [rank, rounded] of [
    [1, 1],
    [2, 8],
    [16, 16],
    [257, 320],
    [321, 512],
  ])
    assert.equal((await load(`--max-lora-rank ${rank}`)).config.max_lora_rank, rounded);
  assert.match(await noticesOf("--max-lora-rank 33"), /rounded up from 33 to 64/);
  assert.match(await reportOf("--max-lora-rank 513"), /from 1 to 512/);
});

test("loraLimits() keeps every adapter of a step on the CPU", async () => {
  assert.match(
    await reportOf("--max-loras 4 --max-cpu-loras 3"),
    /--max-cpu-loras {2}3\n +Expected at least 4/,
  );
  assert.equal((await load("--max-loras 4 --max-cpu-loras 4")).config.max_cpu_loras, 4);
});
