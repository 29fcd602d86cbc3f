import { startEngineServer } from "../../engine-server/mod.ts";
import type { Logger } from "../../telemetry/mod.ts";
import type { EngineFlags } from "../commands/engine.ts";
import type { CliContext } from "../context.ts";
import { runServer, type RunningServer } from "./run-server.ts";

/** Requests that may wait in one rank for their first step; further ones are told to come back later. */
const queueDepthMax = 4_096;

/** Runs one rank of the embedded engine until it is told to end. */
export async function runEngine(
  this: CliContext,
  flags: EngineFlags,
  modelDirectory: string,
): Promise<void> {
  await runServer(this, {
    name: `rank-${flags.dataParallelRank}`,
    logLevel: flags.logLevel,
    port: flags.port,
    start: (logger) => start(flags, modelDirectory, logger),
  });
}

function start(flags: EngineFlags, modelDirectory: string, logger: Logger): Promise<RunningServer> {
  const { maxModelLen, kvCacheMemoryBytes, threads } = flags;
  return startEngineServer({
    host: flags.host,
    port: flags.port,
    servedModelNames: flags.servedModelName ?? [modelDirectory],
    modelSource: modelDirectory,
    rank: flags.dataParallelRank,
    logger,
    engine: {
      modelDirectory,
      dtype: flags.dtype,
      maxNumSeqs: flags.maxNumSeqs,
      maxNumBatchedTokens: flags.maxNumBatchedTokens,
      blockSize: flags.blockSize,
      seed: flags.seed,
      queueDepthMax,
      ...(maxModelLen !== undefined && { maxModelLen }),
      ...(kvCacheMemoryBytes !== undefined && { kvCacheBytes: kvCacheMemoryBytes }),
      ...(threads !== undefined && { threadCount: threads }),
      onProgress: ({ stage, done }) => logger.info("Loading", { event: "progress", stage, done }),
    },
  });
}
