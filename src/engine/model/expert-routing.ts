import type { MoeFacts } from "../../model-facts/mod.ts";
import type { ThreadScratch } from "./memory-plan.ts";

export interface RoutingParts {
  readonly moe: MoeFacts;
  readonly tokensMax: number;
  readonly buffer: ArrayBufferLike;
  /** Where the router's logits are and the pairs go. */
  readonly place: Pick<ThreadScratch, "routerLogits" | "pairTokens" | "pairWeights">;
}

export interface ExpertPairs {
  /** Index of the expert's first pair. */
  readonly first: number;
  readonly count: number;
}

/**
 * Chooses each token's experts and lists the (token, expert) pairs by expert, tokens ascending, in the thread's
 * pairTokens and pairWeights. All arrays are made once.
 */
export class ExpertRouting {
  readonly #moe: MoeFacts;
  readonly #logits: Float32Array;
  readonly #pairTokens: Uint32Array;
  readonly #pairWeights: Float32Array;
  /** [tokens, numExpertsPerTok] */
  readonly #chosen: Uint16Array;
  readonly #weights: Float32Array;
  readonly #probabilities: Float64Array;
  /** [numExperts + 1] Where each expert's pairs begin. */
  readonly #firsts: Uint32Array;
  readonly #cursors: Uint32Array;

  constructor({ moe, tokensMax, buffer, place }: RoutingParts) {
    const pairs = tokensMax * moe.numExpertsPerTok;
    this.#moe = moe;
    this.#logits = new Float32Array(buffer, place.routerLogits, tokensMax * moe.numExperts);
    this.#pairTokens = new Uint32Array(buffer, place.pairTokens, pairs);
    this.#pairWeights = new Float32Array(buffer, place.pairWeights, pairs);
    this.#chosen = new Uint16Array(pairs);
    this.#weights = new Float32Array(pairs);
    this.#probabilities = new Float64Array(moe.numExperts);
    this.#firsts = new Uint32Array(moe.numExperts + 1);
    this.#cursors = new Uint32Array(moe.numExperts);
  }

  /** Reads the router's logits of so many tokens. */
  route(tokenCount: number): void {
    for (let token = 0; token < tokenCount; token++) this.#choose(token);
    this.#groupByExpert(tokenCount);
  }

  pairsOf(expert: number): ExpertPairs {
    const first = this.#firsts[expert]!;
    return { first, count: this.#firsts[expert + 1]! - first };
  }

  /** Softmax over all experts, then the most likely ones; of equals the lower number. */
  #choose(token: number): void {
    const { numExperts, numExpertsPerTok, normTopkProb } = this.#moe;
    const probabilities = this.#probabilities;
    const total = this.#softmaxNumerators(token * numExperts);
    const base = token * numExpertsPerTok;
    let chosenTotal = 0;
    for (let rank = 0; rank < numExpertsPerTok; rank++) {
      let best = 0;
      for (let expert = 1; expert < numExperts; expert++)
        if (probabilities[expert]! > probabilities[best]!) best = expert;
      this.#chosen[base + rank] = best;
      this.#weights[base + rank] = probabilities[best]!;
      chosenTotal += probabilities[best]!;
      probabilities[best] = -1;
    }
    const scale = 1 / (normTopkProb ? chosenTotal : total);
    for (let rank = 0; rank < numExpertsPerTok; rank++) this.#weights[base + rank]! *= scale;
  }

  #softmaxNumerators(start: number): number {
    const probabilities = this.#probabilities;
    let largest = -Infinity;
    for (let expert = 0; expert < probabilities.length; expert++)
      largest = Math.max(largest, this.#logits[start + expert]!);
    let total = 0;
    for (let expert = 0; expert < probabilities.length; expert++) {
      const power = Math.exp(this.#logits[start + expert]! - largest);
      probabilities[expert] = power;
      total += power;
    }
    return total;
  }

  /** A counting sort. */
  #groupByExpert(tokenCount: number): void {
    const { numExperts, numExpertsPerTok } = this.#moe;
    const pairCount = tokenCount * numExpertsPerTok;
    this.#firsts.fill(0);
    for (let pair = 0; pair < pairCount; pair++) this.#firsts[this.#chosen[pair]! + 1]! += 1;
    for (let expert = 0; expert < numExperts; expert++) {
      this.#firsts[expert + 1]! += this.#firsts[expert]!;
      this.#cursors[expert] = this.#firsts[expert]!;
    }
    for (let pair = 0; pair < pairCount; pair++) {
      const place = this.#cursors[this.#chosen[pair]!]!++;
      this.#pairTokens[place] = Math.floor(pair / numExpertsPerTok);
      this.#pairWeights[place] = this.#weights[pair]!;
    }
  }
}
