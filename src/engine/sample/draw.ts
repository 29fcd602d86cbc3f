import type { SamplingParams } from "../types.ts";
import { argmax } from "./argmax.ts";
import type { SampleScratch } from "./scratch.ts";
import { selectThreshold, sumOf } from "./select.ts";

export interface DrawOptions {
  /** temperature above 0. */
  readonly params: Pick<SamplingParams, "temperature" | "topK" | "topP" | "minP">;
  /** The random number that decides, in [0, 1). */
  readonly unit: number;
}

/**
 * Draws one token: temperature, then min_p, top_k and top_p thin out the candidates, then one of the rest by its
 * probability. All three keep the best tokens, so their order among each other matters only for top_p, which
 * takes its share of what the other two left. Tokens equal to the k-th best stay too, as in vLLM; of tokens
 * equal at the edge of top_p the lowest ids stay.
 *
 * @throws PenstockError ENGINE_LOGITS_INVALID
 */
export function drawToken(
  logits: Float32Array,
  { params, unit }: DrawOptions,
  scratch: SampleScratch,
): number {
  let count = gatherCandidates(logits, params, scratch);
  if (params.topP < 1) count = keepTopP(params.topP, count, scratch);
  const weights = scratch.weights.subarray(0, count);
  let rest = unit * sumOf(weights);
  for (let index = 0; index < count; index++) {
    rest -= weights[index]!;
    if (rest < 0) return scratch.candidateIds[index]!;
  }
  return scratch.candidateIds[count - 1]!; // Rounding used up the last weight.
}

/**
 * Fills candidateIds, ascending, and their weights: probabilities in units of the greatest one.
 *
 * @returns How many there are, at least 1.
 */
function gatherCandidates(
  logits: Float32Array,
  { temperature, topK, minP }: DrawOptions["params"],
  { candidateIds, weights, selection }: SampleScratch,
): number {
  const max = logits[argmax(logits)]!;
  let threshold = -Infinity;
  if (topK > 0 && topK < logits.length) {
    selection.set(logits);
    ({ threshold } = selectThreshold(selection, { target: topK, mass: "one" }));
  }
  let count = 0;
  for (let tokenId = 0; tokenId < logits.length; tokenId++) {
    const logit = logits[tokenId]!;
    if (logit < threshold) continue;
    const weight = Math.exp((logit - max) / temperature);
    if (weight === 0 || weight < minP) continue;
    candidateIds[count] = tokenId;
    weights[count++] = weight;
  }
  return count;
}

/** Keeps the fewest best candidates whose probabilities reach topP together; returns how many. */
function keepTopP(topP: number, count: number, scratch: SampleScratch): number {
  const { candidateIds, weights } = scratch;
  const selection = scratch.selection.subarray(0, count);
  selection.set(weights.subarray(0, count));
  const target = topP * sumOf(selection);
  const { threshold, massAbove } = selectThreshold(selection, { target, mass: "value" });
  let massKept = massAbove;
  let kept = 0;
  for (let index = 0; index < count; index++) {
    const weight = weights[index]!;
    if (weight < threshold || (weight === threshold && massKept >= target)) continue;
    if (weight === threshold) massKept += weight;
    candidateIds[kept] = candidateIds[index]!;
    weights[kept++] = weight;
  }
  return kept;
}
