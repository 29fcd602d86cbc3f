import { PenstockError } from "../../errors/mod.ts";
import type { EngineRequest, ModelSummary } from "../types.ts";

/**
 * Refuses what would corrupt the engine or could never run. Ranges of sampling parameters are the server's business.
 *
 * @throws PenstockError ENGINE_REQUEST_INVALID, ENGINE_PROMPT_TOO_LONG
 */
export function checkRequest(request: EngineRequest, model: ModelSummary): void {
  const { requestId, promptTokenIds, samplingParams } = request;
  const refuse = (reason: string): PenstockError =>
    new PenstockError("ENGINE_REQUEST_INVALID", { requestId, reason });
  if (promptTokenIds.length === 0) throw refuse("its prompt is empty, it must hold a token");
  if (promptTokenIds.length >= model.maxModelLen)
    throw new PenstockError("ENGINE_PROMPT_TOO_LONG", {
      requestId,
      promptTokenCount: promptTokenIds.length,
      maxModelLen: model.maxModelLen,
    });
  const wrongId = promptTokenIds.find((id) => !isTokenId(id, model.vocabSize));
  if (wrongId !== undefined)
    throw refuse(
      `its prompt holds the token id "${wrongId}", ids are integers from 0 to ${model.vocabSize - 1}`,
    );
  if (!Number.isSafeInteger(samplingParams.maxTokens) || samplingParams.maxTokens < 1)
    throw refuse(`its maxTokens is "${samplingParams.maxTokens}", it must be at least 1`);
}

function isTokenId(id: number, vocabSize: number): boolean {
  return Number.isInteger(id) && id >= 0 && id < vocabSize;
}
