import type { SampledLogprobs, TokenLogprob } from "../../engine/mod.ts";
import { ApiError, type DerenderedLogprob, type DerenderedLogprobs } from "../../openai-api/mod.ts";

const legacyName = /^token_id:(\d{1,10})$/;

/**
 * Logprobs of a generate answer of either shape, as the engine told them.
 *
 * @throws ApiError 400 for a token without an id.
 */
export function readLogprobs(content: DerenderedLogprobs): SampledLogprobs[] {
  return content.map((token) => ({
    ...readLogprob(token),
    top: (token.top_logprobs ?? []).map(readLogprob),
  }));
}

function readLogprob({ token_id, token, logprob, rank }: DerenderedLogprob): TokenLogprob {
  const tokenId = token_id ?? Number(legacyName.exec(token ?? "")?.[1] ?? NaN);
  if (Number.isNaN(tokenId))
    throw new ApiError(400, "logprobs name a token without its id", { param: "logprobs" });
  return { tokenId, logprob, rank: rank ?? 0 };
}
