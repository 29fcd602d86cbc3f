import assert from "node:assert/strict";
import { test } from "node:test";
import type { MoeFacts } from "../../model-facts/mod.ts";
import { ExpertRouting } from "./expert-routing.ts";

const moe = { numExperts: 3, numExpertsPerTok: 2, moeIntermediateSize: 8, sparseLayers: [true] };

/** Routes two tokens with these logits; pairs as [expert, token, weight]. */
function route(normTopkProb: boolean, logits: readonly number[]): [number, number, number][] {
  const buffer = new ArrayBuffer(256);
  new Float32Array(buffer, 0, 6).set(logits);
  const facts: MoeFacts = { ...moe, normTopkProb };
  const place = { routerLogits: 0, pairTokens: 64, pairWeights: 128 };
  const routing = new ExpertRouting({ moe: facts, tokensMax: 2, buffer, place });
  routing.route(2);
  const tokens = new Uint32Array(buffer, place.pairTokens, 4);
  const weights = new Float32Array(buffer, place.pairWeights, 4);
  return [0, 1, 2].flatMap((expert) => {
    const { first, count } = routing.pairsOf(expert);
    return Array.from({ length: count }, (_, i): [number, number, number] => [
      expert,
      tokens[first + i]!,
      Math.round(weights[first + i]! * 1e4) / 1e4,
    ]);
  });
}

const [two, three, six] = [Math.log(2), Math.log(3), Math.log(6)];

test("ExpertRouting.route() lists pairs by expert, tokens ascending, with softmax weights", () => {
  assert.deepEqual(route(false, [0, three, six, six, 0, three]), [
    [0, 1, 0.6],
    [1, 0, 0.3],
    [2, 0, 0.6],
    [2, 1, 0.3],
  ]);
});

test("ExpertRouting.route() scales weights to one and takes the lower of equal experts", () => {
  assert.deepEqual(route(true, [two, two, two, 0, 0, three]), [
    [0, 0, 0.5],
    [0, 1, 0.25],
    [1, 0, 0.5],
    [2, 1, 0.75],
  ]);
});
