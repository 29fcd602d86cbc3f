import assert from "node:assert/strict";
import { test } from "node:test";
import { fitAssumptions } from "./fit-assumptions.ts";
import { type FitOptions, settingsOf } from "./fit-options.ts";
import { models } from "./test-support/models.ts";

const lines = (name: keyof typeof models, options: FitOptions = {}) =>
  fitAssumptions(models[name], settingsOf(options, models[name])).join("\n");

test("fitAssumptions() names every number that config.json does not hold", () => {
  const text = lines("Llama-3.1-8B");
  assert.match(text, /Weights: bfloat16, 2 bytes each/);
  assert.match(text, /Reserve: 1\.5 GiB .* 8192 batched tokens .* 1024 sequences/);
  assert.match(text, /Prefill: 989\.4 TFLOP\/s \(H100, dense BF16\) × 0\.5/);
  assert.match(text, /cross in 0\.5 of its prefill time/);
  assert.match(text, /Decode: 3\.35 TB\/s × 0\.6/);
  assert.match(text, /prefill GPUs : decode GPUs = /);
  assert.doesNotMatch(text, /Experts|Sliding/);
});

test("fitAssumptions() says what holds for experts, FP8, windows and given values", () => {
  const deepseek = lines("DeepSeek-V3", { enableExpertParallel: true, reserveBytes: 1 });
  assert.match(deepseek, /fp8, 8\.002 bits in attention and MLPs/);
  assert.match(deepseek, /Experts: whole ones/);
  assert.match(deepseek, /Reserve: as given/);
  assert.match(deepseek, /dense FP8/);
  assert.match(lines("DeepSeek-V3", { gpu: "A100" }), /dense BF16/);
  assert.match(lines("Qwen3-30B-A3B"), /Experts: each cut over all TP × DP GPUs/);
  assert.match(lines("Gemma-3-1B"), /keep their window only/);
  assert.match(lines("Gemma-3-1B", { hybridKvCache: false }), /every layer keeps all/);
});
