import type { SamplingParams } from "../types.ts";

/** Greedy, 16 tokens, everything else off; with what a test wants different. */
export function samplingParams(wanted: Partial<SamplingParams> = {}): SamplingParams {
  return {
    temperature: 0,
    topP: 1,
    topK: 0,
    minP: 0,
    seed: null,
    presencePenalty: 0,
    frequencyPenalty: 0,
    repetitionPenalty: 1,
    stopTokenIds: [],
    ignoreEos: false,
    minTokens: 0,
    maxTokens: 16,
    logitBias: null,
    logprobs: null,
    ...wanted,
  };
}
