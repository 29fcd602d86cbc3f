import assert from "node:assert/strict";
import { test } from "node:test";
import { samplingParams } from "../test-support/sampling-params.ts";
import type { SamplingParams } from "../types.ts";
import { Sampler } from "./sampler.ts";
import { SampleScratch } from "./scratch.ts";

const eosTokenId = 3;
const logits = Float32Array.of(1, 2, 2.5, 4, 3);
const scratch = new SampleScratch(logits.length);

interface Wanted extends Partial<SamplingParams> {
  readonly stream?: number;
}

/** The tokens of `count` steps that all have the same logits. */
function sampleMany(count: number, { stream = 0, ...wanted }: Wanted): number[] {
  const params = samplingParams(wanted);
  const sampler = new Sampler({
    params,
    promptTokenIds: Int32Array.of(1, 2),
    eosTokenIds: [eosTokenId],
    randomKey: { seed: params.seed ?? 0, stream },
  });
  return Array.from({ length: count }, () => sampler.sample(logits, scratch).tokenId);
}

test("Sampler takes the greatest logit at temperature 0 and leaves the row as it is", () => {
  const before = [...logits];
  assert.deepEqual(sampleMany(3, {}), [3, 3, 3]);
  assert.deepEqual(sampleMany(1, { logitBias: { 0: 100 }, minTokens: 1 }), [0]);
  assert.deepEqual([...logits], before);
});

test("Sampler holds back end-of-sequence and stop tokens until minTokens", () => {
  assert.deepEqual(sampleMany(4, { minTokens: 2 }), [4, 4, 3, 3]);
  assert.deepEqual(sampleMany(4, { minTokens: 2, stopTokenIds: [4] }), [2, 2, 3, 3]);
  assert.deepEqual(sampleMany(2, { minTokens: 1, logitBias: { 3: 100 } }), [4, 3]);
});

test("Sampler ignores biases of tokens outside the vocabulary", () => {
  assert.deepEqual(sampleMany(1, { logitBias: { 5: 100, [-1]: 100 } }), [3]);
});

test("Sampler applies penalties to what it sampled before", () => {
  assert.deepEqual(sampleMany(3, { presencePenalty: 1.25 }), [3, 4, 3]);
  assert.deepEqual(sampleMany(4, { frequencyPenalty: 0.75 }), [3, 3, 4, 2]);
});

test("Sampler draws the same tokens from the same seed and others from another", () => {
  const params = { temperature: 2, seed: 42 };
  assert.deepEqual(sampleMany(50, params), sampleMany(50, params));
  assert.notDeepEqual(sampleMany(50, params), sampleMany(50, { ...params, seed: 43 }));
  assert.notDeepEqual(sampleMany(50, params), sampleMany(50, { ...params, stream: 1 }));
});

test("Sampler gives logprobs of the model's own logits, whatever changes them", () => {
  const sampler = new Sampler({
    params: samplingParams({ logprobs: 2, logitBias: { 0: 100 }, temperature: 0.5, topK: 1 }),
    promptTokenIds: Int32Array.of(1),
    eosTokenIds: [eosTokenId],
    randomKey: { seed: 0, stream: 0 },
  });
  const { tokenId, logprobs } = sampler.sample(logits, scratch);
  assert.equal(tokenId, 0);
  assert.equal(logprobs!.tokenId, 0);
  assert.equal(logprobs!.rank, 5);
  assert.deepEqual(
    logprobs!.top.map(({ tokenId }) => tokenId),
    [3, 4],
  );
  const total = [...logits].reduce((sum, logit) => sum + Math.exp(logit), 0);
  assert(Math.abs(logprobs!.logprob - Math.log(Math.exp(1) / total)) < 1e-6);
});

test("Sampler gives the chosen token's logprob alone at 0 and none at null", () => {
  const of = (logprobs: number | null) =>
    new Sampler({
      params: samplingParams({ logprobs }),
      promptTokenIds: Int32Array.of(1),
      eosTokenIds: [],
      randomKey: { seed: 0, stream: 0 },
    }).sample(logits, scratch).logprobs;
  assert.equal(of(null), null);
  assert.deepEqual(of(0)!.top, []);
  assert.equal(of(0)!.rank, 1);
});

test("Sampler refuses a bias that leaves no token possible", () => {
  const none = Object.fromEntries([...logits.keys()].map((id) => [id, -Infinity]));
  assert.throws(() => sampleMany(1, { logitBias: none }), { code: "ENGINE_LOGITS_INVALID" });
});
