import type { SampledLogprobs, TokenLogprob } from "../types.ts";
import { argmax } from "./argmax.ts";
import type { SampleScratch } from "./scratch.ts";
import { selectThreshold } from "./select.ts";

export interface LogprobsRequest {
  readonly tokenId: number;
  /** How many of the most likely tokens to name besides; more than the vocabulary gives all. */
  readonly topCount: number;
  /** Tokens to name in their place. */
  readonly tokenIds?: readonly number[] | null;
}

/**
 * Natural logarithms of the probabilities that the logits stand for: of one token and of the most likely ones.
 * Equal logits share a rank, and the lower token id comes first.
 *
 * @throws PenstockError ENGINE_LOGITS_INVALID
 */
export function logprobsOf(
  logits: Float32Array,
  { tokenId, topCount, tokenIds = null }: LogprobsRequest,
  scratch: SampleScratch,
): SampledLogprobs {
  const logSumExp = logSumExpOf(logits);
  const top = tokenIds ?? topIds(logits, Math.min(topCount, logits.length), scratch);
  const isRanked = tokenIds === null;
  return {
    tokenId,
    logprob: logits[tokenId]! - logSumExp,
    rank: rankOf(logits, tokenId),
    top: isRanked ? rankTop(logits, top, logSumExp) : listTop(logits, top, logSumExp),
  };
}

function logSumExpOf(logits: Float32Array): number {
  const max = logits[argmax(logits)]!;
  let sum = 0;
  for (let index = 0; index < logits.length; index++) sum += Math.exp(logits[index]! - max);
  return max + Math.log(sum);
}

/** 1 + the number of tokens with a strictly greater logit. */
function rankOf(logits: Float32Array, tokenId: number): number {
  const own = logits[tokenId]!;
  let rank = 1;
  for (let index = 0; index < logits.length; index++) if (logits[index]! > own) rank++;
  return rank;
}

/** [count] The ids of the greatest logits, best first. */
function topIds(logits: Float32Array, count: number, scratch: SampleScratch): number[] {
  if (count === 0) return [];
  scratch.selection.set(logits);
  const { threshold, massAbove } = selectThreshold(scratch.selection, {
    target: count,
    mass: "one",
  });
  let tiesLeft = count - massAbove;
  const ids: number[] = [];
  for (let index = 0; index < logits.length && ids.length < count; index++) {
    const logit = logits[index]!;
    if (logit > threshold || (logit === threshold && tiesLeft-- > 0)) ids.push(index);
  }
  return ids.sort((a, b) => compareDescending(logits[a]!, logits[b]!) || a - b);
}

/** Not a difference: that of two infinities is NaN. */
function compareDescending(a: number, b: number): number {
  if (a === b) return 0;
  return a > b ? -1 : 1;
}

function rankTop(logits: Float32Array, ids: readonly number[], logSumExp: number): TokenLogprob[] {
  let rank = 1;
  return ids.map((tokenId, index) => {
    if (index > 0 && logits[tokenId]! < logits[ids[index - 1]!]!) rank = index + 1;
    return { tokenId, logprob: logits[tokenId]! - logSumExp, rank };
  });
}

/** vLLM's rank of tokens that were asked for is their place in the list. */
function listTop(logits: Float32Array, ids: readonly number[], logSumExp: number): TokenLogprob[] {
  return ids.map((tokenId, index) => ({
    tokenId,
    logprob: logits[tokenId]! - logSumExp,
    rank: index + 1,
  }));
}
