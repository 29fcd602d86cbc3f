import type { FinishReason } from "../types.ts";
import type { Sequence } from "./sequence.ts";

export interface Finish {
  readonly finishReason: FinishReason;
  /** The stop token that ended it; null for end-of-sequence and length. */
  readonly stopReason: number | null;
}

/**
 * Whether the token sampled last ends its sequence. The order is vLLM's: end-of-sequence, stop token, length.
 * min_tokens needs no rule here: until then the sampler does not draw these tokens.
 */
export function finishOf(sequence: Sequence, eosTokenIds: readonly number[]): Finish | null {
  const { ignoreEos, stopTokenIds } = sequence.samplingParams;
  const tokenId = sequence.outputTokenIds.at(-1);
  if (tokenId === undefined) return null;
  if (!ignoreEos && eosTokenIds.includes(tokenId))
    return { finishReason: "stop", stopReason: null };
  if (stopTokenIds.includes(tokenId)) return { finishReason: "stop", stopReason: tokenId };
  if (sequence.length >= sequence.lengthMax) return { finishReason: "length", stopReason: null };
  return null;
}
