import { ApiError, parseGenerateRequest } from "../../openai-api/mod.ts";
import { answerGeneration } from "../generate/answer-generation.ts";
import { preparePrompt } from "../generate/prepare-prompt.ts";
import type { Exchange } from "../http/exchange.ts";
import { checkModel, type Serving } from "../serving.ts";
import { GenerateFormat } from "./generate-format.ts";

/** `POST /inference/v1/generate` */
export async function handleGenerate(exchange: Exchange, serving: Serving): Promise<void> {
  const request = parseGenerateRequest(await exchange.readJson(), serving.limits);
  checkModel(serving, request.model);
  const { maxNumSeqs, engine } = serving;
  if (request.n > maxNumSeqs) {
    const message = `sampling_params.n must be at most the server's max_num_seqs (${maxNumSeqs}), got ${request.n}.`;
    throw new ApiError(400, message);
  }
  // What is more than the context holds ends there, as in vLLM; the other endpoints refuse it.
  const room = Math.max(1, engine.model.maxModelLen - request.tokenIds.length);
  const maxTokens = request.maxTokens === null ? null : Math.min(request.maxTokens, room);
  const prompt = await preparePrompt(serving, request.tokenIds, { ...request, maxTokens });
  await answerGeneration(exchange, serving, {
    request,
    prompts: [prompt],
    idPrefix: "generate-tokens",
    makeFormat: (call) => new GenerateFormat(serving, call, request),
  });
}
