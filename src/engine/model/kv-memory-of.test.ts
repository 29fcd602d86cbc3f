import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { KvMemory } from "../kv-memory.ts";
import { readTruthCase } from "../test-support/truth-case.ts";
import type { Dtype } from "../types.ts";
import { loadModelRunner } from "./load-model-runner.ts";

async function memoryOf(
  context: TestContext,
  name: string,
  wanted: {
    readonly dtype?: Dtype;
    readonly threadCount?: number;
    readonly maxNumSeqs?: number;
  } = {},
): Promise<KvMemory> {
  const { directory: modelDirectory } = await readTruthCase(name);
  const runner = await loadModelRunner({
    modelDirectory,
    dtype: "auto",
    maxModelLen: 64,
    maxNumSeqs: 4,
    maxNumBatchedTokens: 16,
    blockSize: 16,
    threadCount: 1,
    ...wanted,
  });
  context.after(() => runner.close());
  return runner.kvMemory;
}

test("kvMemoryOf() gives equal facts for the same model, however it is run", async (context) => {
  const first = await memoryOf(context, "qwen3");
  const second = await memoryOf(context, "qwen3", { threadCount: 2, maxNumSeqs: 8 });
  assert.deepEqual(second.facts, first.facts);
  const { layerCount, kvHeadCount, headDim, blockSize } = first.facts;
  assert.equal(first.planes.length, 2 * layerCount);
  assert.equal(first.blockBytes, kvHeadCount * blockSize * headDim * 4);
});

test("kvMemoryOf() tells other weights and another way of keeping them apart", async (context) => {
  const memories = await Promise.all([
    memoryOf(context, "qwen3"),
    memoryOf(context, "qwen3", { dtype: "float32" }),
    memoryOf(context, "llama"),
    memoryOf(context, "llama-linear-rope"),
  ]);
  assert.equal(new Set(memories.map(({ facts }) => facts.model)).size, memories.length);
});
