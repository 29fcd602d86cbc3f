import assert from "node:assert/strict";
import { test } from "node:test";
import { parsersFor } from "./model-parsers.ts";

test("parsersFor() goes by the last part of a model's name", () => {
  const cases = [
    ["Qwen/Qwen3-0.6B", "hermes", "qwen3"],
    ["Qwen/Qwen3-Coder-30B-A3B-Instruct", "qwen3_coder", null],
    ["Qwen/Qwen3-235B-A22B-Instruct-2507", "hermes", null],
    ["/models/deepseek-ai/DeepSeek-R1/", "deepseek_v3", "deepseek_r1"],
    ["deepseek-ai/DeepSeek-R1-Distill-Llama-8B", null, "deepseek_r1"],
    ["deepseek-ai/DeepSeek-V3.1", "deepseek_v31", "deepseek_v3"],
    ["PrimeIntellect/INTELLECT-3", "qwen3_coder", "deepseek_r1"],
    ["openai/gpt-oss-20b", "openai", "openai_gptoss"],
    ["meta-llama/Llama-3.1-70B-Instruct", "llama3_json", null],
    ["penstock/reverse-moe", null, null],
    ["", null, null],
  ] as const;
  for (const [model, toolCall, reasoning] of cases)
    assert.deepEqual(parsersFor(model), { toolCall, reasoning }, model);
});
