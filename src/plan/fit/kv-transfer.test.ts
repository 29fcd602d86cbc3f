import assert from "node:assert/strict";
import { test } from "node:test";
import { type FitOptions, settingsOf } from "./fit-options.ts";
import { kvTransfer } from "./kv-transfer.ts";
import { models } from "./test-support/models.ts";

const transfer = (name: keyof typeof models, options: FitOptions = {}) =>
  kvTransfer(models[name], settingsOf({ inputLength: 8_192, ...options }, models[name]));

test("kvTransfer() asks for the rate that moves a prompt in half of its prefill", () => {
  const { movedBytes, prefillSeconds, gigabitsPerSecondAndRank } = transfer("Llama-3.1-8B");
  const seconds = (movedBytes * 8) / (gigabitsPerSecondAndRank * 1e9);
  assert(Math.abs(seconds / prefillSeconds - 0.5) < 1e-12);
});

test("kvTransfer() needs more network where prefill is faster and less where the cache is smaller", () => {
  const rate = (options: FitOptions) => transfer("Llama-3.1-70B", options).gigabitsPerSecondAndRank;
  const four = rate({ tensorParallelSize: 4 });
  assert(Math.abs(rate({ tensorParallelSize: 8 }) / four - 2) < 1e-12);
  assert.equal(rate({ tensorParallelSize: 4, kvCacheDtype: "fp8" }), four / 2);
  assert(rate({ tensorParallelSize: 4, gpu: "A100" }) < four / 3);
});

test("kvTransfer() moves a replicated head once for each GPU that holds it", () => {
  const one = transfer("DeepSeek-V3");
  const eight = transfer("DeepSeek-V3", { tensorParallelSize: 8 });
  assert.equal(one.bytesPerRequest, 61 * 576 * 2 * 8_192);
  assert.equal(eight.bytesPerRequest, one.bytesPerRequest);
  assert.equal(eight.movedBytes, 8 * one.movedBytes);
  assert.equal(eight.gigabitsPerSecondAndGpu * 8, eight.gigabitsPerSecondAndRank);
});

test("kvTransfer() computes FP8 checkpoints in FP8 where the GPU can", () => {
  const seconds = (gpu: "H100" | "A100") => transfer("DeepSeek-V3", { gpu }).prefillSeconds;
  assert(Math.abs(seconds("A100") / seconds("H100") - 1_978.9 / 312) < 1e-9);
});
