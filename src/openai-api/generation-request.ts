import type { KvTransferWish } from "./kv-transfer-params.ts";

/** What completions and chat completions have in common once they are checked and their defaults are filled in. */
export interface GenerationRequest {
  /** null means the model that is served. */
  readonly model: string | null;
  readonly stream: boolean;
  /** A last chunk with the usage. */
  readonly includeUsage: boolean;
  /** The usage so far in every chunk. */
  readonly continuousUsage: boolean;
  /** Answers to each prompt. */
  readonly n: number;
  /** null where the request leaves it to the server. */
  readonly maxTokens: number | null;
  /** Name of the field that set maxTokens, for messages. */
  readonly maxTokensField: "max_tokens" | "max_completion_tokens";
  readonly sampling: Sampling;
  readonly stopStrings: readonly string[];
  readonly includeStopString: boolean;
  readonly skipSpecialTokens: boolean;
  readonly addSpecialTokens: boolean;
  readonly truncation: Truncation | null;
  /** The answer begins with the prompt, or with the last message of a conversation that it continues. */
  readonly echo: boolean;
  readonly returnTokenIds: boolean;
  /** Tokens print as `token_id:N` in logprobs. */
  readonly tokensAsIds: boolean;
  /** The client's own id for the request. */
  readonly requestId: string | null;
  /** Only requests with the same one share the KV cache of their prompts. */
  readonly cacheSalt: string | null;
  /** Concerns the first answer to the first prompt, as in vLLM. */
  readonly kvTransfer: KvTransferWish;
}

/** How the next token is drawn; the engine's sampling parameters without the length. */
export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly minP: number;
  readonly seed: number | null;
  readonly presencePenalty: number;
  readonly frequencyPenalty: number;
  readonly repetitionPenalty: number;
  readonly stopTokenIds: readonly number[];
  readonly ignoreEos: boolean;
  readonly minTokens: number;
  readonly logitBias: Readonly<Record<number, number>> | null;
  readonly logprobs: number | null;
  /** Named in place of the most likely tokens. */
  readonly logprobTokenIds: readonly number[] | null;
  /** As `logprobs`, for each token of the prompt. */
  readonly promptLogprobs: number | null;
  /** Only generate requests can say so. */
  readonly skipReadingPrefixCache?: boolean;
}

/** Prompts longer than this are cut. */
export interface Truncation {
  /** -1: as long as the model allows. */
  readonly tokensMax: number;
  /** The side that is cut off. */
  readonly side: "left" | "right";
}

/** Sampling defaults of the model's generation_config.json, for fields that a request leaves out. */
export interface GenerationDefaults {
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly min_p?: number;
  readonly repetition_penalty?: number;
}

/** What the server allows, beyond what the API does. */
export interface RequestLimits {
  /** Prompts of one completion request. */
  readonly promptsMax: number;
  /** Answers of one request, over all its prompts. */
  readonly choicesMax: number;
}
