import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import { type EngineServerOptions, startEngineServer } from "../../engine-server/mod.ts";
import { coresPerRank } from "../../plan/mod.ts";
import type { Logger } from "../../telemetry/mod.ts";
import type { EngineFlags } from "../commands/engine.ts";
import type { CliContext } from "../context.ts";
import { runServer } from "./run-server.ts";

/** Requests that may wait in one rank for their first step; further ones are told to come back later. */
const queueDepthMax = 4_096;

/** A supervisor that stops waits this long and little more: what still runs by then is cut. */
const drainTimeoutMs = 1_000;

/** A pull of KV blocks that brings nothing for so long has failed. */
const pullIdleMsMax = 5_000;

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
    start: (logger, signal) =>
      startEngineServer(serverOptions(flags, modelDirectory, { logger, signal })),
  });
}

function serverOptions(
  flags: EngineFlags,
  modelDirectory: string,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
): EngineServerOptions {
  const { maxModelLen, kvCacheMemoryBytes, threads } = flags;
  const coreCount = flags.cores ?? coresPerRank(availableParallelism(), flags.machineRanks);
  const [firstName = modelDirectory, ...otherNames] = flags.servedModelName ?? [];
  return {
    host: flags.host,
    port: flags.port,
    servedModelNames: [firstName, ...otherNames],
    modelSource: modelDirectory,
    rank: flags.dataParallelRank,
    logger,
    signal,
    limits: { drainTimeoutMs },
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
      coreCount,
      enablePrefixCaching: flags.enablePrefixCaching,
      ...kvTransferOf(flags),
    },
  };
}

function kvTransferOf(flags: EngineFlags): Pick<EngineServerOptions["engine"], "kvTransfer"> {
  const { kvRole } = flags;
  if (kvRole === undefined) return {};
  return {
    kvTransfer: {
      kvRole,
      engineId: randomUUID(),
      sideChannelHost: flags.kvSideChannelHost,
      sideChannelPort: flags.kvSideChannelPort,
      leaseDurationMs: flags.kvLeaseDuration * 1_000,
      pullIdleMsMax,
      kvLoadFailurePolicy: flags.kvLoadFailurePolicy,
    },
  };
}
