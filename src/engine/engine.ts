import type { Engine, EngineOptions } from "./types.ts";
import { connectEngine } from "./worker/mod.ts";

/**
 * Loads a model and starts the engine on a thread of its own.
 *
 * @throws PenstockError ENGINE_OPTION_INVALID, ENGINE_THREAD_ENDED, and every MODEL_ code.
 *
 * @example
 * const engine = await startEngine({ modelDirectory: "models/penstock/reverse-moe", dtype: "auto", maxNumSeqs: 64,
 *   maxNumBatchedTokens: 512, queueDepthMax: 1024, blockSize: 16, seed: 0 });
 * engine.submit({ requestId: "1", promptTokenIds, samplingParams }, (output) => send(output.tokenIds));
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  return connectEngine(options, new URL("./worker/core-worker.ts", import.meta.url));
}
