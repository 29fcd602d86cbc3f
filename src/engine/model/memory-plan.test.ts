import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readModelConfig, requiredTensors } from "../../model-facts/mod.ts";
import { memoryBytesMax, planMemory, type RunnerLimits } from "./memory-plan.ts";

const directory = fileURLToPath(new URL("../../../test/truth/qwen3-moe", import.meta.url));
const config = await readModelConfig(directory);
const limits: RunnerLimits = { maxNumSeqs: 4, maxNumBatchedTokens: 32, blockSize: 16 };
const request = { config, dtype: "bfloat16", limits, threadCount: 2 } as const;

test("planMemory() gives every weight of the model a place of its own", () => {
  const { places } = planMemory(request);
  const names = requiredTensors(config).map(({ name }) => name);
  assert.deepEqual(places.map(({ name }) => name).toSorted(), names.toSorted());
  assert.equal(new Set(places.map(({ address }) => address)).size, places.length);
  assert(places.every(({ address }) => address % 16 === 0));
});

test("planMemory() has room for every sequence at its longest by default", () => {
  const plan = planMemory(request);
  assert.equal(plan.maxModelLen, 512);
  assert.equal(plan.blockCount, (4 * 512) / 16);
  assert.equal(plan.caches.length, config.numHiddenLayers);
});

test("planMemory() never plans past what an address reaches", () => {
  const large = { ...config, maxPositionEmbeddings: 2 ** 20, numHiddenLayers: 60 };
  const plan = planMemory({ ...request, config: { ...large, moe: null } });
  assert(plan.totalBytes <= memoryBytesMax);
  const wide = { ...large, hiddenSize: 8_192, intermediateSize: 32_768, moe: null };
  assert.throws(() => planMemory({ ...request, config: wide }), { code: "MODEL_MEMORY_EXCEEDED" });
});

test("planMemory() lets RoPE scalings by a factor reach past the trained length", () => {
  const rope = { type: "dynamic", theta: 1e4, factor: 2, originalMaxPosition: 512 } as const;
  const scaled = { ...request, config: { ...config, rope } };
  assert.equal(
    planMemory({ ...scaled, limits: { ...limits, maxModelLen: 1_024 } }).maxModelLen,
    1_024,
  );
  assert.throws(() => planMemory({ ...scaled, limits: { ...limits, maxModelLen: 1_025 } }), {
    code: "MODEL_LEN_TOO_LONG",
  });
});
