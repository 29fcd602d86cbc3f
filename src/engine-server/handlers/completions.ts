import { type CompletionRequest, parseCompletionRequest } from "../../openai-api/mod.ts";
import { answerGeneration } from "../generate/answer-generation.ts";
import { preparePrompt } from "../generate/prepare-prompt.ts";
import type { Exchange } from "../http/exchange.ts";
import { checkModel, type Serving } from "../serving.ts";
import { CompletionFormat } from "./completion-format.ts";

/** `POST /v1/completions` */
export async function handleCompletions(exchange: Exchange, serving: Serving): Promise<void> {
  const server = { defaults: serving.engine.model.generationDefaults, limits: serving.limits };
  const body = await exchange.readJson();
  const request = parseCompletionRequest(body, server);
  checkModel(serving, request.model);
  const prompts = await Promise.all(
    request.prompts.map((prompt) => preparePrompt(serving, prompt, request)),
  );
  const promptTexts = await echoedTexts(serving, request);
  await answerGeneration(exchange, serving, {
    request,
    prompts,
    idPrefix: "cmpl",
    makeFormat: (call) => new CompletionFormat(serving, call, { request, promptTexts }),
  });
}

/** As in vLLM, a request that wants token ids has its prompts in them and not in the text. */
async function echoedTexts(serving: Serving, request: CompletionRequest): Promise<string[]> {
  if (!request.echo) return [];
  return await Promise.all(
    request.prompts.map(async (prompt) => {
      if (request.returnTokenIds) return "";
      if (typeof prompt === "string") return prompt;
      return await serving.tokenizer.decode(prompt, { skipSpecialTokens: false });
    }),
  );
}
