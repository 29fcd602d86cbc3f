import type { KvTransferParams } from "./kv-transfer-params.ts";
import type { PromptLogprobs } from "./prompt-logprobs.ts";
import type { Usage, UsageCounts } from "./usage.ts";

export type WireFinishReason = "stop" | "length" | "abort";

/** A matched stop string, a stop token's id, or null for end-of-sequence and length. */
export type StopReason = string | number | null;

/** The legacy shape of logprobs: lists in step, one entry a token. */
export interface CompletionLogprobs {
  readonly text_offset: readonly number[];
  /** null for the first token of an echoed prompt. */
  readonly token_logprobs: readonly (number | null)[];
  readonly tokens: readonly string[];
  /** The chosen token and the most likely ones. */
  readonly top_logprobs: readonly (Readonly<Record<string, number>> | null)[];
}

/** The seven keys that every choice of a stream chunk has. */
export interface CompletionChunkChoice {
  readonly index: number;
  readonly text: string;
  readonly logprobs: CompletionLogprobs | null;
  readonly finish_reason: WireFinishReason | null;
  readonly stop_reason: StopReason;
  readonly prompt_token_ids: readonly number[] | null;
  readonly token_ids: readonly number[] | null;
}

export interface CompletionChunk {
  readonly id: string;
  readonly object: "text_completion";
  readonly created: number;
  readonly model: string;
  readonly choices: readonly CompletionChunkChoice[];
  readonly usage?: UsageCounts;
  readonly system_fingerprint?: string;
}

export interface CompletionChoice {
  readonly index: number;
  readonly text: string;
  readonly logprobs: CompletionLogprobs | null;
  readonly finish_reason: WireFinishReason;
  readonly stop_reason: StopReason;
  readonly token_ids: readonly number[] | null;
  readonly prompt_logprobs: PromptLogprobs | null;
  readonly prompt_token_ids: readonly number[] | null;
  readonly routed_experts: null;
}

export interface CompletionResponse {
  readonly id: string;
  readonly object: "text_completion";
  readonly created: number;
  readonly model: string;
  readonly choices: readonly CompletionChoice[];
  readonly service_tier: null;
  /** null where no engine was at work. */
  readonly system_fingerprint: string | null;
  readonly usage: Usage;
  /** Where the KV blocks of the first prompt are, when the request wanted them held. */
  readonly kv_transfer_params: KvTransferParams | object | null;
  readonly ec_transfer_params: null;
  readonly metrics: null;
}
