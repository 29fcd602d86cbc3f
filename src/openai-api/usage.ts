/** The counts as stream chunks carry them: without what this server has none of. */
export interface UsageCounts {
  readonly prompt_tokens: number;
  readonly total_tokens: number;
  readonly completion_tokens: number;
  readonly prompt_tokens_details?: PromptTokensDetails;
}

/** As whole responses carry it. */
export interface Usage extends Omit<UsageCounts, "prompt_tokens_details"> {
  /** null where no token was cached, as vLLM has it with --enable-prompt-tokens-details. */
  readonly prompt_tokens_details: PromptTokensDetails | null;
  readonly completion_tokens_details: null;
}

export interface PromptTokensDetails {
  /** Prompt tokens that were not computed for this request. */
  readonly cached_tokens: number;
}

export interface TokenCounts {
  readonly prompt: number;
  readonly completion: number;
  readonly cached: number;
}

export function usageCounts(tokens: TokenCounts): UsageCounts {
  const details = detailsOf(tokens);
  return { ...countsOf(tokens), ...(details !== null && { prompt_tokens_details: details }) };
}

export function usage(tokens: TokenCounts): Usage {
  const details = { prompt_tokens_details: detailsOf(tokens), completion_tokens_details: null };
  return { ...countsOf(tokens), ...details };
}

function countsOf({ prompt, completion }: TokenCounts): UsageCounts {
  return {
    prompt_tokens: prompt,
    total_tokens: prompt + completion,
    completion_tokens: completion,
  };
}

function detailsOf({ cached }: TokenCounts): PromptTokensDetails | null {
  return cached === 0 ? null : { cached_tokens: cached };
}
