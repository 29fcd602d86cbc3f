import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFlops, prefillFlops } from "./compute-work.ts";
import { models } from "./test-support/models.ts";

const llama = models["Llama-3.1-8B"];
const matrices = 8_030_261_248 - 2 * 128_256 * 4_096 - 65 * 4_096;
const logits = 2 * 128_256 * 4_096;

test("prefillFlops() is two for each parameter and token, and attention over the tokens before", () => {
  const tokens = 8_192;
  const attention = 32 * (2 * tokens ** 2 * 32 * 128);
  assert.equal(prefillFlops(llama, tokens), 2 * matrices * tokens + attention + logits);
});

test("decodeFlops() sees the whole context", () => {
  const attention = 32 * (4 * 1_000 * 32 * 128);
  assert.equal(decodeFlops(llama, 1_000), 2 * matrices + attention + logits);
});

test("a prompt costs what its tokens cost one by one, logits and MLA's form of decode aside", () => {
  for (const name of ["Llama-3.1-8B", "Gemma-3-1B", "Qwen3-30B-A3B"] as const) {
    const tokens = 2_000;
    let steps = 0;
    for (let context = 1; context <= tokens; context++) steps += decodeFlops(models[name], context);
    steps -= (tokens - 1) * 2 * models[name].vocabSize * models[name].hiddenSize;
    assert(Math.abs(steps / prefillFlops(models[name], tokens) - 1) < 0.001, name);
  }
});

test("prefillFlops() counts of the experts only those that a token is routed to", () => {
  const perToken = prefillFlops(models["Qwen3-30B-A3B"], 1_000) / 1_000;
  assert(perToken < 2 * 3.4e9 && perToken > 2 * 2.7e9);
});

test("prefillFlops() lets a window bound the work of a long prompt", () => {
  const gemma = models["Gemma-3-27B"];
  const plain = {
    ...gemma,
    layerMemories: gemma.layerMemories.map(() => ({ kind: "full" }) as const),
  };
  assert(prefillFlops(gemma, 100_000) < 0.7 * prefillFlops(plain, 100_000));
  assert.equal(prefillFlops(gemma, 1_000), prefillFlops(plain, 1_000));
});
