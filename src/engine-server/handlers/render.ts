import { randomUUID } from "node:crypto";
import {
  type GenerationRequest,
  parseChatRequest,
  parseCompletionRequest,
  renderedRequest,
  type RenderedRequest,
} from "../../openai-api/mod.ts";
import { preparePrompt, type PreparedPrompt } from "../generate/prepare-prompt.ts";
import type { Exchange } from "../http/exchange.ts";
import { checkModel, type Serving } from "../serving.ts";
import { renderChat } from "./chat-completions.ts";

/** `POST /v1/chat/completions/render`: what generate would be asked for this chat. */
export async function handleRenderChat(exchange: Exchange, serving: Serving): Promise<void> {
  const server = { defaults: serving.engine.model.generationDefaults, limits: serving.limits };
  const body = await exchange.readJson();
  const { request, prompt } = await renderChat(serving, parseChatRequest(body, server));
  exchange.sendJson(200, render({ request, prompt, idPrefix: "chatcmpl", body }));
}

/** `POST /v1/completions/render`: what generate would be asked for each prompt. */
export async function handleRenderCompletions(exchange: Exchange, serving: Serving): Promise<void> {
  const server = { defaults: serving.engine.model.generationDefaults, limits: serving.limits };
  const body = await exchange.readJson();
  const request = parseCompletionRequest(body, server);
  checkModel(serving, request.model);
  const prompts = await Promise.all(
    request.prompts.map((prompt) => preparePrompt(serving, prompt, request)),
  );
  const answer = prompts.map((prompt) => render({ request, prompt, idPrefix: "cmpl", body }));
  exchange.sendJson(200, answer);
}

function render(options: {
  readonly request: GenerationRequest;
  readonly prompt: PreparedPrompt;
  readonly idPrefix: "cmpl" | "chatcmpl";
  readonly body: Readonly<Record<string, unknown>>;
}): RenderedRequest {
  const { request, prompt, idPrefix, body } = options;
  return renderedRequest(request, {
    requestId: `${idPrefix}-${randomUUID().replaceAll("-", "")}`,
    tokenIds: prompt.tokenIds,
    maxTokens: prompt.maxTokens,
    kvTransferParams: body["kv_transfer_params"],
  });
}
