import type { StopReason, WireFinishReason } from "./completion-response.ts";
import type { KvTransferParams } from "./kv-transfer-params.ts";
import type { PromptLogprobs } from "./prompt-logprobs.ts";
import type { Usage, UsageCounts } from "./usage.ts";

export interface ChatTokenLogprob {
  readonly token: string;
  readonly logprob: number;
  /** The token's own bytes, also where they are no whole character. */
  readonly bytes: readonly number[];
}

export interface ChatLogprobs {
  readonly content: readonly (ChatTokenLogprob & {
    readonly top_logprobs: readonly ChatTokenLogprob[];
  })[];
}

export interface ChatDelta {
  readonly role?: string;
  readonly content?: string;
}

/** Optional keys are left out where vLLM leaves them out: `token_ids` of first chunks, `stop_reason` before the end. */
export interface ChatChunkChoice {
  readonly index: number;
  readonly delta: ChatDelta;
  readonly logprobs: ChatLogprobs | null;
  readonly finish_reason: WireFinishReason | null;
  readonly stop_reason?: StopReason;
  readonly token_ids?: readonly number[] | null;
}

export interface ChatChunk {
  readonly id: string;
  readonly object: "chat.completion.chunk";
  readonly created: number;
  readonly model: string;
  readonly choices: readonly ChatChunkChoice[];
  /** On first chunks. */
  readonly prompt_token_ids?: readonly number[] | null;
  readonly prompt_text?: string | null;
  readonly usage?: UsageCounts;
  readonly system_fingerprint?: string;
}

export interface ChatMessageResponse {
  readonly role: string;
  readonly content: string;
  readonly refusal: null;
  readonly annotations: null;
  readonly audio: null;
  readonly function_call: null;
  readonly reasoning: null;
}

export interface ChatChoice {
  readonly index: number;
  readonly message: ChatMessageResponse;
  readonly logprobs: ChatLogprobs | null;
  readonly finish_reason: WireFinishReason;
  readonly stop_reason: StopReason;
  readonly token_ids: readonly number[] | null;
  readonly routed_experts: null;
}

export interface ChatResponse {
  readonly id: string;
  readonly object: "chat.completion";
  readonly created: number;
  readonly model: string;
  readonly choices: readonly ChatChoice[];
  readonly service_tier: null;
  /** null where no engine was at work. */
  readonly system_fingerprint: string | null;
  readonly usage: Usage;
  readonly prompt_logprobs: PromptLogprobs | null;
  readonly prompt_token_ids: readonly number[] | null;
  readonly prompt_text: string | null;
  /** Where the KV blocks of the first prompt are, when the request wanted them held. */
  readonly kv_transfer_params: KvTransferParams | object | null;
  readonly ec_transfer_params: null;
  readonly metrics: null;
}
