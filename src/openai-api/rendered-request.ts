import type { GenerationRequest } from "./generation-request.ts";

/** A `GenerateRequest` of vLLM: what `/render` answers and `/inference/v1/generate` takes. */
export interface RenderedRequest {
  readonly request_id: string;
  readonly token_ids: readonly number[];
  readonly assistant_tokens_mask: null;
  readonly token_offsets: null;
  readonly features: null;
  readonly content_parts: null;
  readonly sampling_params: RenderedSamplingParams;
  readonly model: string | null;
  readonly stream: boolean;
  readonly stream_options: {
    readonly include_usage: boolean;
    readonly continuous_usage_stats: boolean;
  } | null;
  readonly cache_salt: string | null;
  readonly priority: 0;
  readonly kv_transfer_params: null;
  readonly ec_transfer_params: null;
}

export type RenderedSamplingParams = ReturnType<typeof samplingParamsOf>;

/** vLLM's RequestOutputKind. */
const outputKinds = { delta: 1, finalOnly: 2 } as const;

export interface RenderFacts {
  readonly requestId: string;
  readonly tokenIds: readonly number[];
  /** What the server makes of the request's own. */
  readonly maxTokens: number;
  /** As the request has them, for the engine that gets the rendered one. */
  readonly kvTransferParams: unknown;
}

export function renderedRequest(request: GenerationRequest, facts: RenderFacts): RenderedRequest {
  const { stream, includeUsage, continuousUsage, cacheSalt, model } = request;
  return {
    request_id: facts.requestId,
    token_ids: facts.tokenIds,
    assistant_tokens_mask: null,
    token_offsets: null,
    features: null,
    content_parts: null,
    sampling_params: samplingParamsOf(request, facts),
    model,
    stream,
    stream_options: stream
      ? { include_usage: includeUsage, continuous_usage_stats: continuousUsage }
      : null,
    cache_salt: cacheSalt,
    priority: 0,
    kv_transfer_params: null,
    ec_transfer_params: null,
  };
}

/** All fields of vLLM's SamplingParams; those that this server has not are off. */
function samplingParamsOf(request: GenerationRequest, facts: RenderFacts) {
  const { sampling } = request;
  const kvTransferParams = facts.kvTransferParams ?? null;
  return {
    n: request.n,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    repetition_penalty: sampling.repetitionPenalty,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    min_p: sampling.minP,
    seed: sampling.seed,
    stop: request.stopStrings,
    stop_token_ids: sampling.stopTokenIds,
    ignore_eos: sampling.ignoreEos,
    max_tokens: facts.maxTokens,
    min_tokens: sampling.minTokens,
    logprobs: sampling.logprobs,
    prompt_logprobs: sampling.promptLogprobs,
    logprob_token_ids: sampling.logprobTokenIds,
    flat_logprobs: false,
    detokenize: true,
    skip_special_tokens: request.skipSpecialTokens,
    spaces_between_special_tokens: true,
    include_stop_str_in_output: request.includeStopString,
    output_kind: request.stream ? outputKinds.delta : outputKinds.finalOnly,
    stream_interval: null,
    structured_outputs: null,
    logit_bias: sampling.logitBias,
    allowed_token_ids: null,
    extra_args: kvTransferParams === null ? null : { kv_transfer_params: kvTransferParams },
    bad_words: [],
    skip_reading_prefix_cache: sampling.promptLogprobs !== null,
    thinking_token_budget: null,
    repetition_detection: null,
    routed_experts_prompt_start: 0,
    trace_decode_token_ids: null,
  } as const;
}
