import {
  ApiError,
  type DerenderChatRequest,
  type DerenderCompletionRequest,
  type DerenderStreamRequest,
  parseDerenderChatRequest,
  parseDerenderCompletionRequest,
} from "../../openai-api/mod.ts";
import type { Exchange } from "../http/exchange.ts";
import { checkModel, type Serving } from "../serving.ts";
import { derenderChat, derenderCompletions } from "./derender-format.ts";
import { derenderChatChunk, derenderCompletionChunk } from "./derender-stream.ts";

type GenerateResponse = DerenderChatRequest["generate_response"];

/** `POST /v1/chat/completions/derender`: what a generate answer, or a chunk of it, is as a chat. */
export async function handleDerenderChat(exchange: Exchange, serving: Serving): Promise<void> {
  const request = parseDerenderChatRequest(await exchange.readJson());
  checkModel(serving, request.model || null);
  if (isStream(request)) {
    checkChoices(serving, request.generate_chunk.choices);
    return exchange.sendJson(200, derenderChatChunk(serving, request));
  }
  checkSize(serving, request.generate_response);
  exchange.sendJson(200, derenderChat(serving, request));
}

/** `POST /v1/completions/derender`: what generate answers are as completions. */
export async function handleDerenderCompletions(
  exchange: Exchange,
  serving: Serving,
): Promise<void> {
  const request = parseDerenderCompletionRequest(await exchange.readJson());
  checkModel(serving, request.model || null);
  if (isStream(request)) {
    checkChoices(serving, request.generate_chunk.choices);
    return exchange.sendJson(200, derenderCompletionChunk(serving, request));
  }
  const { generate_responses: responses } = request;
  const { promptsMax } = serving.limits;
  if (responses.length > promptsMax)
    throw tooMany("generate_responses count", responses.length, promptsMax);
  for (const response of responses) checkSize(serving, response);
  exchange.sendJson(200, derenderCompletions(serving, request));
}

function isStream(
  request: DerenderChatRequest | DerenderCompletionRequest | DerenderStreamRequest,
): request is DerenderStreamRequest {
  return request.stream === true;
}

/** Refuses what no engine of this context can have answered: decoding it would cost for nothing. */
function checkSize(serving: Serving, response: GenerateResponse): void {
  const { choicesMax } = serving.limits;
  const { maxModelLen } = serving.engine.model;
  const { choices, prompt_logprobs: promptLogprobs } = response;
  if (choices.length > choicesMax) throw tooMany("choices count", choices.length, choicesMax);
  if ((promptLogprobs?.length ?? 0) > maxModelLen)
    throw tooMany("prompt_logprobs length", promptLogprobs!.length, maxModelLen);
  checkChoices(serving, choices);
}

function checkChoices(serving: Serving, choices: GenerateResponse["choices"]): void {
  const { maxModelLen } = serving.engine.model;
  for (const { token_ids: tokenIds, logprobs } of choices) {
    const content = logprobs?.content ?? [];
    if ((tokenIds?.length ?? 0) > maxModelLen)
      throw tooMany("token_ids length", tokenIds!.length, maxModelLen);
    if (content.length > maxModelLen)
      throw tooMany("logprobs.content length", content.length, maxModelLen);
  }
}

function tooMany(what: string, count: number, countMax: number): ApiError {
  return new ApiError(400, `${what} (${count}) exceeds the maximum of ${countMax}.`);
}
