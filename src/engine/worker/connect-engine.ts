import { Worker } from "node:worker_threads";
import { PenstockError } from "../../errors/mod.ts";
import type { Engine, EngineOptions, ModelSummary } from "../types.ts";
import { checkOptions } from "./check-options.ts";
import { EngineClient } from "./engine-client.ts";
import type { CoreWorkerData, MessageFromCore } from "./messages.ts";
import { unpackError } from "../packed-error.ts";

/**
 * Starts the engine's thread and waits until its model is loaded. How long that may take is for the caller's
 * supervisor to say: it depends on the disk and the size of the model, and progress is reported all the while.
 *
 * @param workerUrl The module that the thread runs; it calls runCoreWorker().
 */
export async function connectEngine(options: EngineOptions, workerUrl: URL): Promise<Engine> {
  const { onProgress = () => {}, ...threadOptions } = options;
  checkOptions(threadOptions);
  const workerData: CoreWorkerData = { options: threadOptions };
  const worker = new Worker(workerUrl, { name: "engine", workerData });
  try {
    const model = await new Promise<ModelSummary>((resolve, reject) => {
      // They stay; once this promise is settled they do nothing.
      worker.on("message", (message: MessageFromCore) => {
        if (message.kind === "progress") onProgress(message.progress);
        if (message.kind === "ready") resolve(message.model);
        if (message.kind === "failed") reject(unpackError(message.error));
      });
      worker.once("error", reject);
      worker.once("exit", (exitCode) =>
        reject(new PenstockError("ENGINE_THREAD_ENDED", { exitCode })),
      );
    });
    const { maxNumSeqs, queueDepthMax, kvTransfer } = options;
    return new EngineClient(worker, { model, maxNumSeqs, queueDepthMax, kvTransfer });
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}
