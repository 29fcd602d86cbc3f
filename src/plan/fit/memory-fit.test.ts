import assert from "node:assert/strict";
import { test } from "node:test";
import { type FitOptions, settingsOf } from "./fit-options.ts";
import { estimateReserveBytes, fitCapacity, fitMemory } from "./memory-fit.ts";
import { models } from "./test-support/models.ts";

const llama = models["Llama-3.1-8B"];
const settings = (options: FitOptions) => settingsOf(options, llama);

test("fitMemory() leaves the KV cache what weights and reserve do not take", () => {
  const given = { gpuMemoryBytes: 1_000, gpuMemoryUtilization: 0.5, reserveBytes: 100 };
  assert.deepEqual(fitMemory(llama, settings(given), 250), {
    gpuMemoryBytes: 1_000,
    usableBytes: 500,
    weightBytes: 250,
    reserveBytes: 100,
    kvCacheBytes: 150,
  });
  assert.equal(fitMemory(llama, settings(given), 500).kvCacheBytes, 0);
});

test("fitCapacity() counts whole blocks and whole requests", () => {
  const blockBytes = 16 * 131_072;
  const two = settings({ inputLength: 20, outputLength: 10, dataParallelSize: 3 });
  assert.deepEqual(fitCapacity(llama, two, 5 * blockBytes + 1), {
    blocks: 5,
    tokens: 80,
    requestLength: 30,
    requestBytesPerGpu: 2 * blockBytes,
    requestsPerRank: 2,
    requests: 6,
  });
  assert.equal(fitCapacity(llama, two, 0).requests, 0);
});

test("fitCapacity() counts none of a model that keeps no tokens", () => {
  const layerMemories = llama.layerMemories.map(() => ({ kind: "state" }) as const);
  const { blocks, requests } = fitCapacity({ ...llama, layerMemories }, settings({}), 1e9);
  assert.deepEqual([blocks, requests], [0, 0]);
});

test("estimateReserveBytes() grows with the step and shrinks with TP", () => {
  const reserve = (options: FitOptions) => estimateReserveBytes(llama, settings(options));
  assert(reserve({ maxNumBatchedTokens: 16_384 }) > reserve({}));
  assert(reserve({ maxNumSeqs: 64 }) < reserve({}));
  assert(reserve({ tensorParallelSize: 2 }) < reserve({}));
  assert(reserve({ maxNumBatchedTokens: 1, maxNumSeqs: 1 }) > 1.5 * 2 ** 30);
});
