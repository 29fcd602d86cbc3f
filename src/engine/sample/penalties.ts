import type { SamplingParams } from "../types.ts";

export type PenaltyParams = Pick<
  SamplingParams,
  "repetitionPenalty" | "frequencyPenalty" | "presencePenalty"
>;

/**
 * Lowers the logits of tokens that were there before, as vLLM does: the repetition penalty looks at prompt and
 * output, frequency and presence penalty at the output only.
 */
export class Penalties {
  readonly #params: PenaltyParams;
  readonly #seen: Set<number>;
  readonly #outputCounts = new Map<number, number>();

  constructor(params: PenaltyParams, promptTokenIds: Int32Array) {
    this.#params = params;
    this.#seen = new Set(promptTokenIds);
  }

  /** Whether these parameters change anything. */
  static areOn(params: PenaltyParams): boolean {
    return (
      params.repetitionPenalty !== 1 ||
      params.frequencyPenalty !== 0 ||
      params.presencePenalty !== 0
    );
  }

  /** Takes note of a sampled token. */
  add(tokenId: number): void {
    this.#seen.add(tokenId);
    this.#outputCounts.set(tokenId, (this.#outputCounts.get(tokenId) ?? 0) + 1);
  }

  apply(logits: Float32Array): void {
    const { repetitionPenalty, frequencyPenalty, presencePenalty } = this.#params;
    if (repetitionPenalty !== 1)
      for (const tokenId of this.#seen) {
        const logit = logits[tokenId]!;
        logits[tokenId] = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
      }
    for (const [tokenId, count] of this.#outputCounts)
      logits[tokenId]! -= frequencyPenalty * count + presencePenalty;
  }
}
