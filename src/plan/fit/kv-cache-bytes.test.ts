import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  kvBytesPerBlockAndGpu,
  kvBytesPerSequence,
  kvBytesPerSequenceAndGpu,
  kvBytesPerToken,
  kvBytesPerTokenAndLayer,
  type KvCacheLayout,
} from "./kv-cache-bytes.ts";
import { models } from "./test-support/models.ts";

const layout: KvCacheLayout = {
  kvCacheDtype: "auto",
  tensorParallelSize: 1,
  blockSize: 16,
  hybridKvCache: true,
};

test("kvBytesPerTokenAndLayer() counts keys and values of every KV head", () => {
  assert.equal(kvBytesPerTokenAndLayer(models["Llama-3.1-8B"], "auto"), 2 * 8 * 128 * 2);
  assert.equal(kvBytesPerTokenAndLayer(models["Llama-3.1-8B"], "fp8"), 2 * 8 * 128);
});

test("kvBytesPerTokenAndLayer() counts MLA's compressed vector, in vLLM's 656 bytes for fp8_ds_mla", () => {
  const deepseek = models["DeepSeek-V3"];
  assert.equal(kvBytesPerTokenAndLayer(deepseek, "auto"), (512 + 64) * 2);
  assert.equal(kvBytesPerTokenAndLayer(deepseek, "fp8"), 512 + 64);
  assert.equal(kvBytesPerTokenAndLayer(deepseek, "fp8_ds_mla"), 656);
});

test("kvBytesPerSequence() bounds layers with a sliding window", () => {
  const gemma = models["Gemma-3-27B"];
  const layerBytes = 2 * 16 * 128 * 2;
  // 62 layers, every sixth keeps all: 10 full, 52 with a window of 1024.
  assert.equal(kvBytesPerToken(gemma, layout), 10 * layerBytes);
  assert.equal(kvBytesPerSequence(gemma, layout, 1_000), 62 * 1_000 * layerBytes);
  const long = 10 * 8_192 * layerBytes + 52 * 1_024 * layerBytes;
  assert.equal(kvBytesPerSequence(gemma, layout, 8_192), long);
  const plain = { ...layout, hybridKvCache: false };
  assert.equal(kvBytesPerSequence(gemma, plain, 8_192), 62 * 8_192 * layerBytes);
});

test("kvBytesPerSequenceAndGpu() takes whole blocks, and one more for a window that begins within one", () => {
  const llama = models["Llama-3.1-8B"];
  assert.equal(kvBytesPerSequenceAndGpu(llama, layout, 17), 32 * kvBytesPerToken(llama, layout));
  const gemma = models["Gemma-3-1B"];
  const layerBytes = 2 * 1 * 256 * 2;
  // 26 layers, 4 of them full; a window of 512 touches 33 blocks.
  const blocks = 4 * 512 + 22 * 33;
  assert.equal(kvBytesPerSequenceAndGpu(gemma, layout, 8_192), blocks * 16 * layerBytes);
});

test("kvBytesPerSequenceAndGpu() shares KV heads among GPUs while there are enough", () => {
  const perGpu = (name: keyof typeof models, tensorParallelSize: number) =>
    kvBytesPerSequenceAndGpu(models[name], { ...layout, tensorParallelSize }, 1_024);
  const one = perGpu("Llama-3.1-8B", 1);
  assert.equal(perGpu("Llama-3.1-8B", 4), one / 4);
  assert.equal(perGpu("Llama-3.1-8B", 8), one / 8);
  assert.equal(perGpu("Llama-3.1-8B", 16), one / 8);
  assert.equal(perGpu("DeepSeek-V3", 8), perGpu("DeepSeek-V3", 1));
});

test("layers with a state of constant size have no blocks", () => {
  const layerMemories = models["Qwen3-0.6B"].layerMemories.map((memory, layer) =>
    layer % 4 === 3 ? memory : ({ kind: "state" } as const),
  );
  const hybrid = { ...models["Qwen3-0.6B"], layerMemories };
  const blockBytes = kvBytesPerBlockAndGpu(models["Qwen3-0.6B"], layout);
  assert.equal(kvBytesPerBlockAndGpu(hybrid, layout), blockBytes / 4);
});

test("kvBytesPerSequence() never shrinks with more tokens", () => {
  const names = Object.keys(models) as (keyof typeof models)[];
  const tokens = fc.integer({ min: 1, max: 200_000 });
  fc.assert(
    fc.property(fc.constantFrom(...names), tokens, tokens, (name, a, b) => {
      const bytes = (count: number) => kvBytesPerSequenceAndGpu(models[name], layout, count);
      const exact = kvBytesPerSequence(models[name], layout, a);
      return bytes(a) >= exact && (a <= b ? bytes(a) <= bytes(b) : bytes(a) >= bytes(b));
    }),
  );
});
