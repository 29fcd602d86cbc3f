import {
  type ChatRequest,
  parseChatRequest,
  parseChatTokensRequest,
} from "../../openai-api/mod.ts";
import { answerGeneration } from "../generate/answer-generation.ts";
import { preparePrompt, type PreparedPrompt } from "../generate/prepare-prompt.ts";
import type { Exchange } from "../http/exchange.ts";
import { checkModel, type Serving } from "../serving.ts";
import { ChatFormat } from "./chat-format.ts";

interface RenderedChat {
  readonly request: ChatRequest;
  readonly promptText: string;
  readonly prompt: PreparedPrompt;
}

/** `POST /v1/chat/completions` */
export async function handleChatCompletions(exchange: Exchange, serving: Serving): Promise<void> {
  const server = { defaults: serving.engine.model.generationDefaults, limits: serving.limits };
  const request = parseChatRequest(await exchange.readJson(), server);
  await answer(exchange, serving, await renderChat(serving, request));
}

/** `POST /v1/chat/completions/tokens`, prime-rl's: the tokens of the prompt are given, messages are not rendered. */
export async function handleChatCompletionsTokens(
  exchange: Exchange,
  serving: Serving,
): Promise<void> {
  const server = { defaults: serving.engine.model.generationDefaults, limits: serving.limits };
  const request = parseChatTokensRequest(await exchange.readJson(), server);
  checkModel(serving, request.model);
  const prompt = await preparePrompt(serving, request.tokens, request);
  const promptText = request.returnPromptText
    ? await serving.tokenizer.decode(request.tokens, { skipSpecialTokens: false })
    : "";
  await answer(exchange, serving, { request, promptText, prompt });
}

/**
 * What a chat becomes before it is computed.
 *
 * @throws ApiError 400, 404.
 */
export async function renderChat(serving: Serving, request: ChatRequest): Promise<RenderedChat> {
  checkModel(serving, request.model);
  const { messages, ...options } = request.conversation;
  const promptText = serving.tokenizer.renderChat(messages, options);
  return { request, promptText, prompt: await preparePrompt(serving, promptText, request) };
}

async function answer(exchange: Exchange, serving: Serving, chat: RenderedChat): Promise<void> {
  const { request, prompt } = chat;
  await answerGeneration(exchange, serving, {
    request,
    prompts: [prompt],
    idPrefix: "chatcmpl",
    makeFormat: (call) => new ChatFormat(serving, call, chat),
  });
}
