import type { ChatLogprobs } from "./chat-response.ts";
import type { WireFinishReason } from "./completion-response.ts";
import type { KvTransferParams } from "./kv-transfer-params.ts";
import type { PromptLogprobs } from "./prompt-logprobs.ts";
import type { Usage, UsageCounts } from "./usage.ts";

/** Logprobs of tokens that are told by their ids; since vLLM 0.30. */
export interface GenerateLogprobs {
  readonly content: readonly (GenerateLogprob & {
    readonly top_logprobs: readonly GenerateLogprob[];
  })[];
}

export interface GenerateLogprob {
  readonly token_id: number;
  readonly logprob: number;
  readonly rank: number | null;
}

/** Before vLLM 0.30: the shape of chats, with tokens as `token_id:N` and without bytes. */
export interface LegacyGenerateLogprobs {
  readonly content: readonly (LegacyGenerateLogprob & {
    readonly top_logprobs: readonly LegacyGenerateLogprob[];
  })[];
}

export interface LegacyGenerateLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: null;
}

/** Which output tokens, from `start` to before `end`, were computed with which weights. */
export interface WeightVersionSpan {
  readonly version: string;
  readonly start: number;
  readonly end: number;
}

export interface GenerateChoice {
  readonly index: number;
  readonly logprobs: GenerateLogprobs | LegacyGenerateLogprobs | ChatLogprobs | null;
  readonly finish_reason: WireFinishReason | null;
  readonly token_ids: readonly number[];
  readonly routed_experts: null;
  readonly sampling_mask: null;
  /** Since vLLM 0.30; in streams null until the choice ends. */
  readonly weight_versions?: readonly WeightVersionSpan[] | null;
  /** With output_mode "text". */
  readonly text?: string;
}

/** What answers and chunks say since vLLM 0.30. */
export interface GenerateModeFields {
  readonly output_mode: "tokens" | "text";
  /** In streams on the first chunk only. */
  readonly prompt_token_ids: readonly number[] | null;
  readonly mm_placeholders: null;
  readonly metrics: null;
}

export interface GenerateResponse extends Partial<GenerateModeFields> {
  readonly request_id: string;
  readonly model: string;
  readonly created: number;
  readonly choices: readonly GenerateChoice[];
  readonly usage: Usage;
  readonly prompt_logprobs: PromptLogprobs | null;
  readonly prompt_token_id_logprobs?: null;
  readonly kv_transfer_params: KvTransferParams | null;
  readonly ec_transfer_params: null;
}

export interface GenerateChunk extends Partial<GenerateModeFields> {
  readonly request_id: string;
  readonly choices: readonly GenerateChoice[];
  readonly usage: Usage | UsageCounts | null;
}
