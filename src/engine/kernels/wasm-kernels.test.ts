import assert from "node:assert/strict";
import { test } from "node:test";
import { compileKernels, createMemory, instantiateKernels } from "./wasm-kernels.ts";

test("compileKernels() throws for a file that is not there", () => {
  assert.throws(() => compileKernels("/nowhere/kernels.wasm"), { code: "ENOENT" });
});

test("createMemory() rounds up to pages and shares them with the kernels", () => {
  const memory = createMemory(65_537);
  assert.equal(memory.buffer.byteLength, 2 * 65_536);
  assert(memory.buffer instanceof SharedArrayBuffer);
  assert.equal(typeof instantiateKernels(compileKernels(), memory).gemmF32, "function");
});
