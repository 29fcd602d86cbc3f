/** The counts alone, as stream chunks carry them. */
export interface UsageCounts {
  readonly prompt_tokens: number;
  readonly total_tokens: number;
  readonly completion_tokens: number;
}

/** As whole responses carry it, with the details that this server has none of. */
export interface Usage extends UsageCounts {
  readonly prompt_tokens_details: null;
  readonly completion_tokens_details: null;
}

export function usageCounts(promptTokens: number, completionTokens: number): UsageCounts {
  return {
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + completionTokens,
    completion_tokens: completionTokens,
  };
}

export function usage(promptTokens: number, completionTokens: number): Usage {
  const counts = usageCounts(promptTokens, completionTokens);
  return { ...counts, prompt_tokens_details: null, completion_tokens_details: null };
}
