import assert from "node:assert/strict";
import { test } from "node:test";
import { type FitOptions, settingsOf } from "./fit-options.ts";
import { layoutProblems } from "./layout-problems.ts";
import { models } from "./test-support/models.ts";

const problems = (name: keyof typeof models, options: FitOptions) =>
  layoutProblems(models[name], settingsOf(options, models[name])).join("\n");

test("layoutProblems() finds nothing against layouts that are in use", () => {
  assert.equal(problems("Llama-3.1-70B", { tensorParallelSize: 16 }), "");
  assert.equal(problems("Qwen3-30B-A3B", { tensorParallelSize: 8 }), "");
  const wide = { dataParallelSize: 16, enableExpertParallel: true };
  assert.equal(problems("DeepSeek-V3", wide), "");
  assert.equal(problems("DeepSeek-V3", { ...wide, numRedundantExperts: 32 }), "");
});

test("layoutProblems() names heads that cannot be shared", () => {
  assert.match(problems("Llama-3.1-8B", { tensorParallelSize: 3 }), /32 attention heads/);
  assert.equal(problems("Qwen3-0.6B", { tensorParallelSize: 16 }), "");
  const odd = { ...models["Qwen3-0.6B"].attention, numAttentionHeads: 36, numKeyValueHeads: 4 };
  const shape = { ...models["Qwen3-0.6B"], attention: odd };
  const settings = settingsOf({ tensorParallelSize: 6 }, shape);
  assert.match(layoutProblems(shape, settings).join(), /4 KV heads neither divide TP 6/);
});

test("layoutProblems() cuts FP8 experts between the tiles that share a scale", () => {
  assert.equal(problems("DeepSeek-V3", { tensorParallelSize: 16 }), "");
  const cut = problems("DeepSeek-V3", { tensorParallelSize: 32 });
  assert.match(cut, /expert size 2048 cannot be cut into 32 parts, in FP8 tiles of 128/);
});

test("layoutProblems() knows what expert parallelism asks for", () => {
  const ep = { enableExpertParallel: true, dataParallelSize: 6 };
  assert.match(problems("Llama-3.1-8B", ep), /no experts/);
  assert.equal(problems("Qwen3-30B-A3B", ep), "");
  assert.match(problems("Qwen3-30B-A3B", { ...ep, numRedundantExperts: 2 }), /130 experts.*6 GPUs/);
});

test("layoutProblems() compares the request with the positions, the dtype with the attention", () => {
  assert.match(problems("Qwen3-0.6B", { inputLength: 40_960 }), /40961 tokens .* 40960 positions/);
  assert.match(problems("Qwen3-0.6B", { kvCacheDtype: "fp8_ds_mla" }), /is for MLA/);
  assert.equal(problems("DeepSeek-V3", { kvCacheDtype: "fp8_ds_mla" }), "");
});
