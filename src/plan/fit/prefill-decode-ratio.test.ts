import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type FitOptions, settingsOf } from "./fit-options.ts";
import { prefillDecodeRatio, wholeRatio } from "./prefill-decode-ratio.ts";
import { models } from "./test-support/models.ts";
import { weightBytesPerGpu } from "./weight-bytes.ts";

function ratioOf(name: keyof typeof models, options: FitOptions, requestsPerRank = 64) {
  const settings = settingsOf(options, models[name]);
  const weights = weightBytesPerGpu(models[name], settings);
  return prefillDecodeRatio(models[name], settings, { weights, requestsPerRank });
}

test("prefillDecodeRatio() gives chat more decode and long prompts more prefill", () => {
  const tp = { tensorParallelSize: 4 };
  const chat = ratioOf("Llama-3.1-70B", { ...tp, inputLength: 512, outputLength: 1_024 });
  const rag = ratioOf("Llama-3.1-70B", { ...tp, inputLength: 8_192, outputLength: 256 });
  assert(chat !== null && rag !== null);
  assert(chat.decode > chat.prefill);
  assert(rag.prefill > rag.decode);
});

test("prefillDecodeRatio() reads weights and KV cache once a step", () => {
  const options = { inputLength: 1_024, outputLength: 512, bandwidthUtilization: 1 };
  const ratio = ratioOf("Llama-3.1-8B", options, 10);
  assert(ratio !== null);
  assert.equal(ratio.stepLimit, "memory bandwidth");
  assert.equal(ratio.batchSize, 10);
  const weights = 2 * (8_030_261_248 - 128_256 * 4_096);
  const kv = 10 * 1_280 * 131_072;
  assert(Math.abs(ratio.stepSeconds / ((weights + kv) / 3.35e12) - 1) < 1e-12);
  assert.equal(ratio.decodeGpuSeconds, (512 * ratio.stepSeconds) / 10);
});

test("prefillDecodeRatio() is bound by FLOP/s where the batch is large and the context short", () => {
  const ratio = ratioOf("Llama-3.1-8B", { inputLength: 8, outputLength: 8 }, 1_000_000);
  assert.equal(ratio?.batchSize, 1_024);
  assert.equal(ratio.stepLimit, "FLOP/s");
});

test("prefillDecodeRatio() reads few experts for a small batch", () => {
  const step = (requests: number) => ratioOf("Qwen3-30B-A3B", {}, requests)?.stepSeconds ?? 0;
  assert(step(1) < step(64) / 3);
});

test("prefillDecodeRatio() is null where no request fits", () => {
  assert.equal(ratioOf("Llama-3.1-8B", {}, 0), null);
});

test("wholeRatio() gives small numbers, and goes beyond 8 on one side only", () => {
  const text = (ratio: number) => Object.values(wholeRatio(ratio)).join(":");
  assert.equal(text(1), "1:1");
  assert.equal(text(0.26), "1:4");
  assert.equal(text(0.66), "2:3");
  assert.equal(text(12.4), "12:1");
  assert.equal(text(0.01), "1:100");
});

test("wholeRatio() is never far from the ratio", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1_000, noNaN: true }), (ratio) => {
      const { prefill, decode } = wholeRatio(ratio);
      return Math.abs(Math.log(prefill / decode / ratio)) < 0.2;
    }),
  );
});
