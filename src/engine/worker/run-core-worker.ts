import assert from "node:assert/strict";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { PenstockError } from "../../errors/mod.ts";
import type { ModelRunner } from "../step-batch.ts";
import type { LoadProgress, ModelSummary } from "../types.ts";
import type { EngineThreadOptions } from "./check-options.ts";
import { runCoreLoop } from "./core-loop.ts";
import { EngineCore } from "./engine-core.ts";
import type { CoreWorkerData, MessageFromCore } from "./messages.ts";
import { packError } from "./packed-error.ts";

/** A model with what its generation_config.json says. */
export interface LoadedModel extends Pick<ModelSummary, "eosTokenIds" | "generationDefaults"> {
  readonly runner: ModelRunner;
}

export type LoadModel = (
  options: EngineThreadOptions,
  onProgress: (progress: LoadProgress) => void,
) => Promise<LoadedModel>;

/** The life of the engine's thread: load, say "ready", step until closed. Failures go out as messages. */
export async function runCoreWorker(loadModel: LoadModel): Promise<void> {
  assert(parentPort !== null, "This is the body of a worker thread");
  const port = parentPort;
  const send = (message: MessageFromCore): void => port.postMessage(message);
  const { options } = workerData as CoreWorkerData;
  let model: LoadedModel;
  let maxModelLen: number;
  try {
    model = await loadModel(options, (progress) => send({ kind: "progress", progress }));
    maxModelLen = chooseMaxModelLen(model.runner, options.maxModelLen);
  } catch (error) {
    send({ kind: "failed", error: packError(error) });
    return;
  }
  send({ kind: "ready", model: summarize(model, maxModelLen) });
  await runUntilClosed({ options, model, maxModelLen, port });
}

async function runUntilClosed(run: {
  readonly options: EngineThreadOptions;
  readonly model: LoadedModel;
  readonly maxModelLen: number;
  readonly port: MessagePort;
}): Promise<void> {
  const { options, model, maxModelLen, port } = run;
  const { runner, eosTokenIds } = model;
  try {
    await runCoreLoop(new EngineCore({ ...options, runner, eosTokenIds, maxModelLen }), port);
    await runner.close();
    port.close();
  } catch (error) {
    // The main thread ends this thread, and the compute threads with it, when it hears this.
    port.postMessage({ kind: "died", error: packError(error) } satisfies MessageFromCore);
  }
}

/**
 * A cache that was not sized by hand may be too small for the model's full length; then the cache sets it. So
 * every sequence that is let in fits the cache when it is alone.
 *
 * @throws PenstockError ENGINE_KV_CACHE_TOO_SMALL
 */
function chooseMaxModelLen(runner: ModelRunner, wanted: number | undefined): number {
  const tokensMax = runner.blockCount * runner.blockSize;
  const tokensMin = wanted ?? 2; // A prompt token and one of answer.
  if (tokensMax < tokensMin)
    throw new PenstockError("ENGINE_KV_CACHE_TOO_SMALL", { maxModelLen: tokensMin, tokensMax });
  return Math.min(runner.maxModelLen, tokensMax);
}

function summarize(model: LoadedModel, maxModelLen: number): ModelSummary {
  const { runner, eosTokenIds, generationDefaults } = model;
  return {
    architecture: runner.architecture,
    vocabSize: runner.vocabSize,
    maxModelLen,
    eosTokenIds,
    generationDefaults,
    parameterCount: runner.parameterCount,
    weightBytes: runner.weightBytes,
    dtype: runner.dtype,
    kvBlockCount: runner.blockCount,
    blockSize: runner.blockSize,
    threadCount: runner.threadCount,
  };
}
