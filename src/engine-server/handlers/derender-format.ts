import { isDeepStrictEqual } from "node:util";
import {
  ApiError,
  type ChatChoice,
  type ChatResponse,
  type CompletionChoice,
  type CompletionResponse,
  type DerenderChatRequest,
  type DerenderCompletionRequest,
  type DerenderedChoice,
  type DerenderTextOptions,
  usage,
} from "../../openai-api/mod.ts";
import { readLogprobs } from "../generate/derender-logprobs.ts";
import { derenderText, streamStart } from "../generate/derender-text.ts";
import { chatLogprobs, CompletionLogprobsWriter, type TokenNames } from "../generate/logprobs.ts";
import type { Serving } from "../serving.ts";

type GenerateResponse = DerenderChatRequest["generate_response"];

interface Decoding {
  readonly serving: Serving;
  readonly promptTokenIds: readonly number[];
  readonly options: DerenderTextOptions;
}

/** @throws ApiError 400 for an answer without tokens. */
export function derenderChat(serving: Serving, request: DerenderChatRequest): ChatResponse {
  const { generate_response: generated, chat_request: options } = request;
  const promptTokenIds = request.prompt_token_ids ?? generated.prompt_token_ids ?? [];
  const decoding = { serving, promptTokenIds, options };
  return {
    id: generated.request_id,
    object: "chat.completion",
    created: Math.floor(Date.now() / 1000),
    model: request.model || serving.modelNames[0],
    choices: generated.choices.map((choice) => chatChoice(choice, decoding)),
    service_tier: null,
    system_fingerprint: null,
    usage: usage(countsOf(generated, request.prompt_tokens ?? 0)),
    prompt_logprobs: generated.prompt_logprobs ?? null,
    prompt_token_ids: null,
    prompt_text: null,
    kv_transfer_params: generated.kv_transfer_params ?? null,
    ec_transfer_params: null,
    metrics: null,
  };
}

/** @throws ApiError 400 for an answer without tokens. */
export function derenderCompletions(
  serving: Serving,
  request: DerenderCompletionRequest,
): CompletionResponse {
  const { generate_responses: responses, completion_request: options } = request;
  const [first] = responses;
  const counts = responses.map((response, index) =>
    countsOf(response, request.prompt_tokens?.[index] ?? 0),
  );
  const choices = responses.flatMap((response, index) => {
    const promptTokenIds = request.prompt_token_ids?.[index] ?? response.prompt_token_ids ?? [];
    const decoding = { serving, promptTokenIds, options };
    return response.choices.map((choice) => ({
      ...completionChoice(choice, decoding),
      prompt_logprobs: response.prompt_logprobs ?? null,
    }));
  });
  const params = first!.kv_transfer_params ?? null; // The list is checked not to be empty.
  const areSame = responses.every((response) =>
    isDeepStrictEqual(response.kv_transfer_params ?? null, params),
  );
  return {
    id: first!.request_id,
    object: "text_completion",
    created: Math.floor(Date.now() / 1000),
    model: request.model || serving.modelNames[0],
    choices: choices.map((choice, index) => ({ ...choice, index })),
    service_tier: null,
    system_fingerprint: null,
    usage: usage({
      prompt: counts.reduce((sum, { prompt }) => sum + prompt, 0),
      completion: counts.reduce((sum, { completion }) => sum + completion, 0),
      cached: 0,
    }),
    kv_transfer_params: areSame ? params : null,
    ec_transfer_params: null,
    metrics: null,
  };
}

/** How tokens are called in logprobs. */
export function tokenNames(serving: Serving, options: DerenderTextOptions): TokenNames {
  return {
    tokenizer: serving.tokenizer,
    asIds: options?.return_tokens_as_token_ids ?? false,
  };
}

function chatChoice(choice: DerenderedChoice, decoding: Decoding): ChatChoice {
  const content = choice.logprobs?.content ?? null;
  const names = tokenNames(decoding.serving, decoding.options);
  return {
    index: choice.index,
    message: {
      role: "assistant",
      content: textOf(choice, decoding),
      refusal: null,
      annotations: null,
      audio: null,
      function_call: null,
      reasoning: null,
    },
    logprobs: content === null ? null : chatLogprobs(readLogprobs(content), names),
    finish_reason: choice.finish_reason ?? "stop",
    stop_reason: null,
    token_ids: null,
    routed_experts: null,
  };
}

function completionChoice(choice: DerenderedChoice, decoding: Decoding): CompletionChoice {
  const content = choice.logprobs?.content ?? null;
  const writer = new CompletionLogprobsWriter(tokenNames(decoding.serving, decoding.options));
  return {
    index: choice.index,
    text: textOf(choice, decoding),
    logprobs: content === null ? null : writer.write(readLogprobs(content)),
    finish_reason: choice.finish_reason ?? "stop",
    stop_reason: null,
    token_ids: null,
    prompt_logprobs: null,
    prompt_token_ids: null,
    routed_experts: null,
  };
}

function textOf({ index, token_ids: tokenIds }: DerenderedChoice, decoding: Decoding): string {
  if ((tokenIds ?? []).length === 0)
    throw new ApiError(400, `choice ${index} has empty or null token_ids`);
  const { tokenizer } = decoding.serving;
  const skipSpecialTokens = decoding.options?.skip_special_tokens ?? true;
  const next = { tokenIds: tokenIds!, isLast: true };
  const start = streamStart(decoding.promptTokenIds);
  return derenderText(start, next, { tokenizer, skipSpecialTokens }).text;
}

function countsOf({ choices }: GenerateResponse, prompt: number) {
  const completion = choices.reduce((sum, { token_ids }) => sum + (token_ids?.length ?? 0), 0);
  return { prompt, completion, cached: 0 };
}
