import { type GenerationRequest, invalidValue, type Prompt } from "../../openai-api/mod.ts";
import type { Serving } from "../serving.ts";

/** A prompt that fits the model, and how long its answer may become. */
export interface PreparedPrompt {
  readonly tokenIds: readonly number[];
  readonly maxTokens: number;
}

/**
 * Turns a prompt into tokens and checks that prompt and answer fit the context.
 *
 * @throws ApiError 400.
 */
export async function preparePrompt(
  serving: Serving,
  prompt: Prompt,
  request: GenerationRequest,
): Promise<PreparedPrompt> {
  checkTokenIds(serving, Object.keys(request.sampling.logitBias ?? {}).map(Number), "logit_bias");
  checkTokenIds(serving, request.sampling.logprobTokenIds ?? [], "logprob_token_ids");
  const whole = await tokenIdsOf(serving, prompt, request);
  if (whole.length === 0) throw invalidValue("prompt", "", "The prompt cannot be empty.");
  const tokenIds = truncate(serving, whole, request);
  const { maxModelLen, generationDefaults } = serving.engine.model;
  const room = maxModelLen - tokenIds.length;
  if (room < (request.maxTokens ?? 1)) throw tooLong(serving, tokenIds.length, request);
  // vLLM takes max_new_tokens of generation_config.json as a bound on all requests.
  const serverMax = generationDefaults.max_new_tokens ?? room;
  const maxTokens = Math.min(request.maxTokens ?? room, serverMax);
  const { minTokens } = request.sampling;
  if (minTokens > maxTokens) {
    const message = `min_tokens must be at most ${request.maxTokensField}=${maxTokens}, got ${minTokens}.`;
    throw invalidValue("min_tokens", minTokens, message);
  }
  return { tokenIds, maxTokens };
}

async function tokenIdsOf(
  serving: Serving,
  prompt: Prompt,
  request: GenerationRequest,
): Promise<readonly number[]> {
  if (typeof prompt !== "string") {
    const { maxModelLen } = serving.engine.model;
    if (request.truncation === null && prompt.length > maxModelLen)
      throw tooLong(serving, prompt.length, request);
    checkTokenIds(serving, prompt, "prompt");
    return prompt;
  }
  const charsMax = fittingCharsMax(serving);
  if (request.truncation === null && prompt.length > charsMax) {
    // Not worth tokenizing: even with the longest tokens it would not fit.
    const message = `${contextText(serving)} However, the prompt has ${prompt.length} characters, at most ${charsMax} can fit. Please reduce the length of the prompt.`;
    throw invalidValue("input_text", prompt.length, message);
  }
  checkTextLength(serving, prompt);
  return await serving.tokenizer.encode(prompt, { addSpecialTokens: request.addSpecialTokens });
}

/**
 * Refuses text whose tokens nobody can want all: it would hold a thread for many seconds, and the event loop for one.
 *
 * @throws ApiError 400.
 */
export function checkTextLength(serving: Serving, text: string): void {
  const charsMax = Math.max(serving.limits.textCharsMax, fittingCharsMax(serving));
  if (text.length <= charsMax) return;
  const message = `The prompt has ${text.length} characters, at most ${charsMax} are tokenized.`;
  throw invalidValue("prompt", text.length, message);
}

/** Characters of the longest text that may fit the context. */
function fittingCharsMax(serving: Serving): number {
  return serving.engine.model.maxModelLen * serving.tokenizer.tokenCharsMax;
}

function checkTokenIds(serving: Serving, tokenIds: readonly number[], param: string): void {
  const { vocabSize } = serving.engine.model;
  const unknown = tokenIds.find((tokenId) => tokenId >= vocabSize);
  if (unknown === undefined) return;
  const message = `Token id ${unknown} is out of the vocabulary, which has ${vocabSize} tokens.`;
  throw invalidValue(param, unknown, message);
}

function truncate(
  serving: Serving,
  tokenIds: readonly number[],
  request: GenerationRequest,
): readonly number[] {
  if (request.truncation === null) return tokenIds;
  const { maxModelLen } = serving.engine.model;
  const { tokensMax, side } = request.truncation;
  if (tokensMax > maxModelLen) {
    const message = `truncate_prompt_tokens must be at most the context length of ${maxModelLen}.`;
    throw invalidValue("truncate_prompt_tokens", tokensMax, message);
  }
  const keepCount =
    tokensMax === -1 ? Math.max(1, maxModelLen - (request.maxTokens ?? 1)) : tokensMax;
  if (tokenIds.length <= keepCount) return tokenIds;
  return side === "left" ? tokenIds.slice(-keepCount) : tokenIds.slice(0, keepCount);
}

function tooLong(serving: Serving, promptTokenCount: number, request: GenerationRequest): Error {
  const wanted = request.maxTokens ?? 1;
  const message = `${contextText(serving)} However, you requested ${promptTokenCount + wanted} tokens (${promptTokenCount} in the prompt, ${wanted} for the output). Please reduce the length of the prompt or ${request.maxTokensField}.`;
  return promptTokenCount < serving.engine.model.maxModelLen
    ? invalidValue(request.maxTokensField, wanted, message)
    : invalidValue("input_tokens", promptTokenCount, message);
}

function contextText(serving: Serving): string {
  return `This model's maximum context length is ${serving.engine.model.maxModelLen} tokens.`;
}
