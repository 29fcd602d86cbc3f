import assert from "node:assert/strict";
import { test } from "node:test";
import { gpuNames, gpus } from "./gpus.ts";

test("gpus knows each GPU under its own name, with figures of the right order", () => {
  assert.deepEqual(Object.keys(gpus), [...gpuNames]);
  for (const name of gpuNames) {
    const gpu = gpus[name];
    assert.equal(gpu.name, name);
    assert(gpu.memoryBytes > 20e9 && gpu.memoryBytes < 300e9, name);
    assert(gpu.memoryBytesPerSecond > 1e11 && gpu.memoryBytesPerSecond < 1e13, name);
    assert(gpu.fp8FlopsPerSecond === null || gpu.fp8FlopsPerSecond > gpu.bf16FlopsPerSecond, name);
  }
});
