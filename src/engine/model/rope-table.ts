import type { RopeFacts } from "../../model-facts/mod.ts";
import type { MemoryPlan } from "./memory-plan.ts";
import { dependsOnLength, ropeFrequencies, type RopeFrequencies } from "./rope-frequencies.ts";

/**
 * Cosines and sines of the tokens of one step, [tokens, headDim].
 *
 * Where frequencies depend on the length (dynamic, longrope), a token of the prompt takes those of the whole
 * prompt and a generated one those of the sequence up to it. That is what transformers' generate() does with its
 * cache, and it depends on nothing but position and prompt: chunks and recomputation change no bit.
 */
export class RopeTable {
  readonly #rope: RopeFacts;
  readonly #headDim: number;
  readonly #table: Float32Array;
  readonly #dependsOnLength: boolean;
  #frequencies: RopeFrequencies;
  #ropeLength = 1;

  constructor({ config, step, maxNumBatchedTokens }: MemoryPlan, buffer: ArrayBufferLike) {
    this.#rope = config.rope;
    this.#headDim = config.headDim;
    this.#table = new Float32Array(buffer, step.ropeTable, maxNumBatchedTokens * config.headDim);
    this.#dependsOnLength = dependsOnLength(config.rope);
    this.#frequencies = ropeFrequencies(config.rope, config.headDim, 1);
  }

  write(row: number, position: number, promptLength: number): void {
    if (this.#dependsOnLength) this.#setLength(Math.max(promptLength, position + 1));
    const { inverseFrequencies, attentionFactor } = this.#frequencies;
    const half = this.#headDim / 2;
    const start = row * this.#headDim;
    for (let i = 0; i < half; i++) {
      const angle = Math.fround(position * inverseFrequencies[i]!);
      this.#table[start + i] = Math.cos(angle) * attentionFactor;
      this.#table[start + half + i] = Math.sin(angle) * attentionFactor;
    }
  }

  #setLength(ropeLength: number): void {
    if (ropeLength === this.#ropeLength) return;
    this.#ropeLength = ropeLength;
    this.#frequencies = ropeFrequencies(this.#rope, this.#headDim, ropeLength);
  }
}
