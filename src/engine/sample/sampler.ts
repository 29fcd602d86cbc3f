import type { SampledLogprobs, SamplingParams } from "../types.ts";
import { argmax } from "./argmax.ts";
import { drawToken } from "./draw.ts";
import { logprobsOf } from "./logprobs.ts";
import { Penalties } from "./penalties.ts";
import { type RandomKey, randomUnit } from "./philox.ts";
import type { SampleScratch } from "./scratch.ts";

export interface SamplerOptions {
  readonly params: SamplingParams;
  readonly promptTokenIds: Int32Array;
  /** Ends of sequence of the model; held back with the stop tokens until minTokens. */
  readonly eosTokenIds: readonly number[];
  readonly randomKey: RandomKey;
}

export interface SampledToken {
  readonly tokenId: number;
  /** null when the request asks for none. */
  readonly logprobs: SampledLogprobs | null;
}

/**
 * Picks the tokens of one request. In vLLM's order: logprobs of the model's own logits; logit_bias, min_tokens,
 * repetition, frequency and presence penalty; the greatest at temperature 0, else a draw.
 */
export class Sampler {
  readonly #params: SamplingParams;
  readonly #randomKey: RandomKey;
  readonly #bias: readonly (readonly [tokenId: number, bias: number])[];
  readonly #endTokenIds: readonly number[];
  readonly #penalties: Penalties | null;
  #outputCount = 0;

  constructor({ params, promptTokenIds, eosTokenIds, randomKey }: SamplerOptions) {
    this.#params = params;
    this.#randomKey = randomKey;
    this.#bias = Object.entries(params.logitBias ?? {}).map(([id, bias]) => [Number(id), bias]);
    this.#endTokenIds = [...eosTokenIds, ...params.stopTokenIds];
    this.#penalties = Penalties.areOn(params) ? new Penalties(params, promptTokenIds) : null;
  }

  /**
   * The next token.
   *
   * @param logits [vocabSize] Left as they are.
   * @throws PenstockError ENGINE_LOGITS_INVALID
   */
  sample(logits: Float32Array, scratch: SampleScratch): SampledToken {
    const adjusted = this.#adjust(logits, scratch);
    const tokenId =
      this.#params.temperature === 0 ? argmax(adjusted) : this.#draw(adjusted, scratch);
    const { logprobs: topCount, logprobTokenIds: tokenIds = null } = this.#params;
    const logprobs =
      topCount === null ? null : logprobsOf(logits, { tokenId, topCount, tokenIds }, scratch);
    this.#penalties?.add(tokenId);
    this.#outputCount += 1;
    return { tokenId, logprobs };
  }

  /**
   * The logprobs of a prompt token from the logits of the token before it.
   *
   * @param logits [vocabSize]
   * @throws PenstockError ENGINE_LOGITS_INVALID
   */
  scorePrompt(logits: Float32Array, tokenId: number, scratch: SampleScratch): SampledLogprobs {
    const topCount = this.#params.promptLogprobs ?? 0;
    return logprobsOf(logits, { tokenId, topCount }, scratch);
  }

  #draw(logits: Float32Array, scratch: SampleScratch): number {
    const unit = randomUnit(this.#randomKey, this.#outputCount);
    return drawToken(logits, { params: this.#params, unit }, scratch);
  }

  /** The logits after bias and penalties; a copy only where there is something to change. */
  #adjust(logits: Float32Array, scratch: SampleScratch): Float32Array {
    const holdsBackEnd = this.#outputCount < this.#params.minTokens;
    if (this.#bias.length === 0 && !holdsBackEnd && this.#penalties === null) return logits;
    scratch.logits.set(logits);
    for (const [tokenId, bias] of this.#bias) scratch.logits[tokenId]! += bias;
    if (holdsBackEnd) for (const tokenId of this.#endTokenIds) scratch.logits[tokenId] = -Infinity;
    this.#penalties?.apply(scratch.logits);
    return scratch.logits;
  }
}
