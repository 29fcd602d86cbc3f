import { parseChatRequest } from "../../openai-api/mod.ts";
import { GenerationCall } from "../generate/generation-call.ts";
import { preparePrompt } from "../generate/prepare-prompt.ts";
import { respond } from "../generate/respond.ts";
import { responseId } from "../generate/response-id.ts";
import type { Exchange } from "../http/exchange.ts";
import { checkModel, type Serving } from "../serving.ts";
import { ChatFormat } from "./chat-format.ts";

/** `POST /v1/chat/completions` */
export async function handleChatCompletions(exchange: Exchange, serving: Serving): Promise<void> {
  const server = { defaults: serving.engine.model.generationDefaults, limits: serving.limits };
  const body = await exchange.readJson();
  const request = parseChatRequest(body, server);
  checkModel(serving, request.model);
  const { messages, ...options } = request.conversation;
  const promptText = serving.tokenizer.renderChat(messages, options);
  const prompt = await preparePrompt(serving, promptText, request);
  const call = GenerationCall.start(serving, {
    request,
    prompts: [prompt],
    responseId: responseId("chatcmpl", exchange, request.requestId),
    signal: exchange.signal,
  });
  const format = new ChatFormat(serving, call, { request, promptText });
  await respond(exchange, serving, { call, format });
}
