import {
  type ChatChunk,
  type CompletionChunk,
  type DerenderedChoice,
  type DerenderStreamRequest,
  type DerenderStreamState,
  usageCounts,
  type UsageCounts,
} from "../../openai-api/mod.ts";
import { readLogprobs } from "../generate/derender-logprobs.ts";
import { derenderText, streamStart } from "../generate/derender-text.ts";
import { chatLogprobs, CompletionLogprobsWriter } from "../generate/logprobs.ts";
import type { Serving } from "../serving.ts";
import { tokenNames } from "./derender-format.ts";

/** A chunk as text, and what the client brings along with the next one. */
export interface DerenderedChunk<Chunk> {
  readonly chunk: Chunk;
  readonly stream_state: DerenderStreamState;
}

export function derenderChatChunk(
  serving: Serving,
  request: DerenderStreamRequest,
): DerenderedChunk<ChatChunk> {
  const { choice, text, state } = nextText(serving, request);
  const head = { ...headOf(serving, request), object: "chat.completion.chunk" } as const;
  if (choice === undefined) return { chunk: { ...head, choices: [] }, stream_state: state };
  const content = choice.logprobs?.content ?? null;
  const names = tokenNames(serving, request.options);
  const chunkChoice = {
    index: choice.index,
    delta: { ...(state.role_sent ? {} : { role: "assistant" }), content: text },
    logprobs: content === null ? null : chatLogprobs(readLogprobs(content), names),
    finish_reason: choice.finish_reason ?? null,
  };
  return {
    chunk: { ...head, choices: [chunkChoice] },
    stream_state: { ...state, role_sent: true },
  };
}

export function derenderCompletionChunk(
  serving: Serving,
  request: DerenderStreamRequest,
): DerenderedChunk<CompletionChunk> {
  const { choice, text, state } = nextText(serving, request);
  const head = { ...headOf(serving, request), object: "text_completion" } as const;
  if (choice === undefined) return { chunk: { ...head, choices: [] }, stream_state: state };
  const content = choice.logprobs?.content ?? null;
  const names = tokenNames(serving, request.options);
  const writer = new CompletionLogprobsWriter(names, { offset: state.text_offset });
  const chunkChoice = {
    index: choice.index,
    text,
    logprobs: content === null ? null : writer.write(readLogprobs(content)),
    finish_reason: choice.finish_reason ?? null,
    stop_reason: null,
    prompt_token_ids: null,
    token_ids: null,
  };
  return {
    chunk: { ...head, choices: [chunkChoice] },
    stream_state: { ...state, text_offset: writer.offset },
  };
}

function nextText(serving: Serving, request: DerenderStreamRequest) {
  const { generate_chunk: generated, stream_state, options } = request;
  const prompt = request.prompt_token_ids ?? generated.prompt_token_ids ?? [];
  const state = stream_state ?? streamStart(prompt);
  const choice: DerenderedChoice | undefined = generated.choices[0];
  const isLast = (choice?.finish_reason ?? null) !== null;
  const next = { tokenIds: choice?.token_ids ?? [], isLast };
  const { tokenizer } = serving;
  const skipSpecialTokens = options?.skip_special_tokens ?? true;
  return { choice, ...derenderText(state, next, { tokenizer, skipSpecialTokens }) };
}

function headOf(serving: Serving, { model, generate_chunk, prompt_tokens }: DerenderStreamRequest) {
  const { request_id: id, usage } = generate_chunk;
  const usageNow: { usage?: UsageCounts } = {};
  if (usage) {
    const prompt = prompt_tokens ?? usage.prompt_tokens;
    const completion = usage.completion_tokens ?? 0;
    usageNow.usage = usageCounts({ prompt, completion, cached: 0 });
  }
  const created = Math.floor(Date.now() / 1000);
  return { id, created, model: model || serving.modelNames[0], ...usageNow };
}
