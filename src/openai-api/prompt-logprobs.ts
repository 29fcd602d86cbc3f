/** What the model thought of one token at one place of a prompt. */
export interface PromptLogprob {
  readonly logprob: number;
  /** 1 for the most likely token. */
  readonly rank: number;
  readonly decoded_token: string;
}

/** One entry a prompt token, by token id: the token itself and the most likely ones. The first token has none. */
export type PromptLogprobs = readonly (Readonly<Record<string, PromptLogprob>> | null)[];
