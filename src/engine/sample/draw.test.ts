import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { drawToken } from "./draw.ts";
import { randomUnit } from "./philox.ts";
import { SampleScratch } from "./scratch.ts";

const off = { temperature: 1, topK: 0, topP: 1, minP: 0 };
type Params = typeof off;

function draw(logits: readonly number[], params: Partial<Params>, unit: number): number {
  const scratch = new SampleScratch(logits.length);
  return drawToken(Float32Array.from(logits), { params: { ...off, ...params }, unit }, scratch);
}

/** Every token that some unit draws, ascending. */
function drawn(logits: readonly number[], params: Partial<Params>): number[] {
  const units = Array.from({ length: 1_000 }, (_, index) => index / 1_000);
  return [...new Set(units.map((unit) => draw(logits, params, unit)))].sort((a, b) => a - b);
}

/** vLLM's way, with a full sort: mask by min_p, by top_k, by top_p from the least likely token on; then draw. */
function drawBySorting(logits: Float32Array, params: Params, unit: number): number {
  let kept = Array.from(logits, (logit, tokenId) => ({
    tokenId,
    logit: logit / params.temperature,
  }));
  const max = Math.max(...kept.map(({ logit }) => logit));
  const weightOf = ({ logit }: { logit: number }): number => Math.exp(logit - max);
  const massOf = (list: typeof kept): number => list.reduce((sum, one) => sum + weightOf(one), 0);
  kept = kept.filter((one) => weightOf(one) >= params.minP);
  kept.sort((a, b) => a.logit - b.logit);
  if (params.topK > 0) kept = kept.slice(-params.topK);
  const total = massOf(kept);
  kept = kept.filter((one, index) => {
    const upTo = massOf(kept.slice(0, index + 1)) / total;
    return upTo > 1 - params.topP || one === kept.at(-1);
  });
  kept.sort((a, b) => a.tokenId - b.tokenId);
  let rest = unit * massOf(kept);
  return kept.find((one) => (rest -= weightOf(one)) < 0)?.tokenId ?? kept[kept.length - 1]!.tokenId;
}

test("drawToken() draws what a full sort draws", () => {
  const someParams = fc.record({
    temperature: fc.double({ min: 0.1, max: 3, noNaN: true }),
    topK: fc.integer({ min: 0, max: 60 }),
    // In thousandths: within a rounding error of a token's edge both sides of it are right.
    topP: fc.integer({ min: 10, max: 1000 }).map((thousandths) => thousandths / 1000),
    minP: fc.double({ min: 0, max: 0.5, noNaN: true }),
  });
  const someLogits = fc.uniqueArray(fc.integer({ min: -900, max: 900 }), {
    minLength: 1,
    maxLength: 50,
  });
  const someUnit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(someLogits, someParams, someUnit, (integers, params, unit) => {
      const logits = Float32Array.from(integers, (integer) => integer / 100);
      assert.equal(draw([...logits], params, unit), drawBySorting(logits, params, unit));
    }),
    { numRuns: 500 },
  );
});

test("drawToken() draws each token as often as its probability says", () => {
  const logits = [1, 0, 2, -Infinity, 0.5];
  const draws = 20_000;
  const counts = logits.map(() => 0);
  for (let index = 0; index < draws; index++)
    counts[draw(logits, { temperature: 0.7 }, randomUnit({ seed: 11, stream: 0 }, index))]! += 1;
  const weights = logits.map((logit) => Math.exp(logit / 0.7));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const chiSquared = counts.reduce((sum, count, tokenId) => {
    const expected = (draws * weights[tokenId]!) / total;
    return expected === 0 ? sum : sum + (count - expected) ** 2 / expected;
  }, 0);
  assert.equal(counts[3], 0);
  assert(chiSquared < 16.27, `chi-squared ${chiSquared}`); // p = 0.001 at 3 degrees of freedom.
});

test("drawToken() keeps all with everything off, and the best with each limit", () => {
  const logits = [0, 3, 1, 2];
  assert.deepEqual(drawn(logits, {}), [0, 1, 2, 3]);
  assert.deepEqual(drawn(logits, { topK: 2 }), [1, 3]);
  assert.deepEqual(drawn(logits, { topK: 99 }), [0, 1, 2, 3]);
  assert.deepEqual(drawn(logits, { topP: 1e-9 }), [1]);
  assert.deepEqual(drawn(logits, { topP: 0.7 }), [1, 3]);
  assert.deepEqual(drawn(logits, { minP: 0.2 }), [1, 3]);
  assert.deepEqual(drawn(logits, { minP: 1 }), [1]);
  assert.deepEqual(drawn(logits, { temperature: 1e-30 }), [1]);
});

test("drawToken() keeps tokens equal to the k-th best, and the lowest ids at the edge of top_p", () => {
  assert.deepEqual(drawn([1, 1, 1, 0], { topK: 1 }), [0, 1, 2]);
  assert.deepEqual(drawn([1, 1, 1, 1], { topP: 0.5 }), [0, 1]);
  assert.deepEqual(drawn([1, 1, 1, 1], { topP: 1e-9 }), [0]);
});

test("drawToken() draws the only possible token with every parameter", () => {
  const logits = [-Infinity, -Infinity, -7, -Infinity];
  for (const params of [{}, { topK: 3 }, { topP: 0.1 }, { minP: 0.5 }, { temperature: 100 }])
    assert.deepEqual(drawn(logits, params), [2]);
});

test("drawToken() refuses logits that no token can be drawn from", () => {
  for (const logits of [
    [1, NaN],
    [NaN, 1],
    [Infinity, 1],
    [-Infinity, -Infinity],
  ])
    assert.throws(() => draw(logits, { topK: 1, topP: 0.5 }, 0.5), {
      code: "ENGINE_LOGITS_INVALID",
    });
});
