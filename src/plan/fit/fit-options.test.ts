import assert from "node:assert/strict";
import { test } from "node:test";
import { type FitOptions, settingsOf } from "./fit-options.ts";
import { models } from "./test-support/models.ts";

const llama = models["Llama-3.1-8B"];

test("settingsOf() takes vLLM's defaults for the GPU", () => {
  const h100 = settingsOf({}, llama);
  assert.equal(h100.gpu.name, "H100");
  assert.equal(h100.gpuMemoryUtilization, 0.92);
  assert.deepEqual([h100.maxNumBatchedTokens, h100.maxNumSeqs], [8_192, 1_024]);
  const a100 = settingsOf({ gpu: "A100" }, llama);
  assert.deepEqual([a100.maxNumBatchedTokens, a100.maxNumSeqs], [2_048, 256]);
});

test("settingsOf() keeps what is given and takes undefined for not given", () => {
  const given = { tensorParallelSize: 4, gpuMemoryBytes: 1e9, blockSize: undefined };
  const settings = settingsOf(given as unknown as FitOptions, llama);
  assert.equal(settings.tensorParallelSize, 4);
  assert.equal(settings.gpuMemoryBytes, 1e9);
  assert.equal(settings.blockSize, 16);
});

test("settingsOf() chooses a request that the model has positions for", () => {
  const lengths = (options: object, maxPositionEmbeddings: number | null) => {
    const { inputLength, outputLength } = settingsOf(options, { ...llama, maxPositionEmbeddings });
    return [inputLength, outputLength];
  };
  assert.deepEqual(lengths({}, null), [8_192, 1_024]);
  assert.deepEqual(lengths({}, 131_072), [8_192, 1_024]);
  assert.deepEqual(lengths({}, 4_096), [3_072, 1_024]);
  assert.deepEqual(lengths({}, 1), [1, 1]);
  assert.deepEqual(lengths({ inputLength: 4_000 }, 4_096), [4_000, 96]);
  assert.deepEqual(lengths({ outputLength: 4_000 }, 4_096), [96, 4_000]);
});

test("settingsOf() asserts sizes that no caller may give", () => {
  assert.throws(() => settingsOf({ tensorParallelSize: 0 }, llama), assert.AssertionError);
  assert.throws(() => settingsOf({ blockSize: 1.5 }, llama), assert.AssertionError);
});
