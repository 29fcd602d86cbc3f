/** Messages of one conversation. */
export const messagesMax = 4_096;

/** `top_logprobs` and `logprobs`: vLLM's --max-logprobs. */
export const logprobsMax = 20;

/** vLLM's limit of `logprob_token_ids`. */
export const logprobTokenIdsMax = 128;

export const stopStringsMax = 64;
export const stopStringCharsMax = 1_024;
export const stopTokenIdsMax = 1_024;
export const logitBiasEntriesMax = 16_384;

/** KV blocks of one prompt that another engine holds. */
export const kvBlockIdsMax = 1_048_576;

/** vLLM's limit of `cache_salt`. */
export const cacheSaltCharsMax = 1_024;

/** Characters of an id that a client gives its request. */
export const requestIdCharsMax = 256;

/** Candidates that a place of a generate answer may name: the chosen token and all of `logprob_token_ids`. */
export const derenderCandidatesMax = logprobTokenIdsMax + 1;

/** Tokens that a client carries from chunk to chunk of a stream, of either kind. */
export const carriedTokensMax = 32;

/** Requests that one call may abort. */
export const abortIdsMax = 4_096;

/** Tokens of one `/detokenize`. */
export const detokenizeTokensMax = 262_144;
