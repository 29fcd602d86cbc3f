import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { logprobsOf } from "./logprobs.ts";
import { SampleScratch } from "./scratch.ts";

function logprobs(values: readonly number[], tokenId: number, topCount: number) {
  const scratch = new SampleScratch(values.length);
  return logprobsOf(Float32Array.from(values), { tokenId, topCount }, scratch);
}

test("logprobsOf() gives the top as a full sort does, equal logits by id and with one rank", () => {
  const someLogits = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(someLogits, fc.nat(), fc.nat(40), (logits, number, topCount) => {
      const tokenId = number % logits.length;
      const lse = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
      const rankOf = (id: number) => 1 + logits.filter((logit) => logit > logits[id]!).length;
      const { top, ...chosen } = logprobs(logits, tokenId, topCount);
      assert.equal(chosen.rank, rankOf(tokenId));
      assert(Math.abs(chosen.logprob - (logits[tokenId]! - lse)) < 1e-9);
      const ids = logits.map((_, id) => id).sort((a, b) => logits[b]! - logits[a]! || a - b);
      assert.deepEqual(
        top.map(({ tokenId, rank }) => [tokenId, rank]),
        ids.slice(0, topCount).map((id) => [id, rankOf(id)]),
      );
      for (const one of top) assert(Math.abs(one.logprob - (logits[one.tokenId]! - lse)) < 1e-9);
    }),
  );
});

test("logprobsOf() keeps tokens that are impossible apart", () => {
  const { logprob, top } = logprobs([-Infinity, 1000, -Infinity], 0, 3);
  assert.equal(logprob, -Infinity);
  assert.deepEqual(
    top.map(({ tokenId, logprob }) => [tokenId, logprob]),
    [
      [1, 0],
      [0, -Infinity],
      [2, -Infinity],
    ],
  );
});

test("logprobsOf() refuses logits that are not numbers", () => {
  assert.throws(() => logprobs([1, NaN], 0, 1), { code: "ENGINE_LOGITS_INVALID" });
});
