import { invalidValue } from "./api-error.ts";
import type { GenerationFields } from "./generation-fields.ts";
import { logprobsMax, logprobTokenIdsMax } from "./limits.ts";

/**
 * How many likely tokens are told beside each generated one; null for no logprobs.
 *
 * @throws ApiError 400
 */
export function checkLogprobCount(logprobs: number | null): number | null {
  if (logprobs === null || (logprobs >= 0 && logprobs <= logprobsMax)) return logprobs;
  const message = `logprobs must be in [0, ${logprobsMax}], got ${logprobs}.`;
  throw invalidValue("logprobs", logprobs, message);
}

/**
 * What a request says about logprobs beyond how many of each generated token it wants.
 *
 * @param logprobs How many that is; null for none.
 * @throws ApiError 400
 */
export function checkLogprobs(fields: GenerationFields, logprobs: number | null): void {
  checkPromptLogprobs(fields);
  checkLogprobTokenIds(fields, logprobs);
}

function checkPromptLogprobs({ prompt_logprobs: count, stream }: GenerationFields): void {
  if (count === undefined || count === null) return;
  const refuse = (message: string) => invalidValue("prompt_logprobs", count, message);
  if (stream === true && (count > 0 || count === -1))
    throw refuse("prompt_logprobs are not available when stream is true.");
  if (count < -1) throw refuse("prompt_logprobs must be a positive value or -1.");
  if (count === -1 || count > logprobsMax)
    throw refuse(
      `Requested prompt logprobs of ${count}, which is greater than max allowed: ${logprobsMax}.`,
    );
}

function checkLogprobTokenIds(fields: GenerationFields, logprobs: number | null): void {
  const { logprob_token_ids: tokenIds, echo, max_tokens: maxTokens } = fields;
  if (tokenIds === undefined || tokenIds === null) return;
  const refuse = (message: string) => invalidValue("logprob_token_ids", tokenIds.length, message);
  if (tokenIds.length === 0) throw refuse("logprob_token_ids must not be an empty list.");
  if (tokenIds.length > logprobTokenIdsMax)
    throw refuse(`logprob_token_ids has more than ${logprobTokenIdsMax} token ids.`);
  if (echo === true && maxTokens === 0)
    throw refuse("logprob_token_ids needs max_tokens to be at least 1.");
  if (logprobs === null) throw refuse("logprob_token_ids needs logprobs to be set.");
}
