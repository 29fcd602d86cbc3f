import assert from "node:assert/strict";
import { parentPort, workerData } from "node:worker_threads";
import { packError } from "../packed-error.ts";
import type { ModelRunner } from "../step-batch.ts";
import { TransferThread } from "../transfer/mod.ts";
import type { LoadProgress, ModelSummary } from "../types.ts";
import type { EngineThreadOptions } from "./check-options.ts";
import { runCoreLoop } from "./core-loop.ts";
import { EngineCore, type EngineCoreOptions } from "./engine-core.ts";
import type { CoreWorkerData, MessageFromCore } from "./messages.ts";

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
  let transfer: TransferThread | null = null;
  let core: EngineCore;
  try {
    model = await loadModel(options, (progress) => send({ kind: "progress", progress }));
    transfer = await startTransfer(options, model.runner);
    core = new EngineCore({ ...options, ...model, ...handOverOf(options, transfer) });
  } catch (error) {
    send({ kind: "failed", error: packError(error) });
    return;
  }
  send({ kind: "ready", model: summarize(model) });
  try {
    const loop = runCoreLoop(core, port, transfer?.port);
    await (transfer === null ? loop : Promise.race([loop, transfer.died]));
    await transfer?.close();
    await model.runner.close();
    port.close();
  } catch (error) {
    // The main thread ends this thread, and the compute threads with it, when it hears this.
    send({ kind: "died", error: packError(error) });
  }
}

async function startTransfer(
  { kvTransfer }: EngineThreadOptions,
  runner: ModelRunner,
): Promise<TransferThread | null> {
  return kvTransfer === undefined ? null : TransferThread.start(kvTransfer, runner.kvMemory);
}

function handOverOf(
  { kvTransfer }: EngineThreadOptions,
  transfer: TransferThread | null,
): Pick<EngineCoreOptions, "handOver"> {
  if (kvTransfer === undefined || transfer === null) return {};
  const { sideChannelPort } = transfer;
  return {
    handOver: {
      kvTransfer: { ...kvTransfer, sideChannelPort },
      send: (message) => transfer.send(message),
    },
  };
}

function summarize(model: LoadedModel): ModelSummary {
  const { runner, eosTokenIds, generationDefaults } = model;
  return {
    architecture: runner.architecture,
    vocabSize: runner.vocabSize,
    maxModelLen: runner.maxModelLen,
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
