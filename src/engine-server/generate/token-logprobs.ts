import type { SampledLogprobs, TokenLogprob } from "../../engine/mod.ts";
import type { GenerateLogprobs, LegacyGenerateLogprobs } from "../../openai-api/mod.ts";
import { boundedLogprob, candidatesOf } from "./logprobs.ts";

/**
 * Logprobs of `/inference/v1/generate`, which knows tokens by their ids alone.
 *
 * @param countMax Candidates to show for each place, the chosen token first among them.
 */
export function tokenLogprobs(
  logprobs: readonly SampledLogprobs[],
  countMax: number,
): GenerateLogprobs {
  return {
    content: logprobs.map((token) => ({
      ...entryOf(token),
      top_logprobs: candidatesOf(token).slice(0, countMax).map(entryOf),
    })),
  };
}

/** The same as servers before vLLM 0.30 write it. */
export function legacyTokenLogprobs(
  logprobs: readonly SampledLogprobs[],
  countMax: number,
): LegacyGenerateLogprobs {
  return {
    content: logprobs.map((token) => ({
      ...legacyEntryOf(token),
      top_logprobs: candidatesOf(token).slice(0, countMax).map(legacyEntryOf),
    })),
  };
}

function entryOf(token: TokenLogprob): GenerateLogprobs["content"][number]["top_logprobs"][number] {
  return { token_id: token.tokenId, logprob: boundedLogprob(token), rank: token.rank };
}

function legacyEntryOf(
  token: TokenLogprob,
): LegacyGenerateLogprobs["content"][number]["top_logprobs"][number] {
  return { token: `token_id:${token.tokenId}`, logprob: boundedLogprob(token), bytes: null };
}
