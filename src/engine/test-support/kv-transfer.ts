import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type {
  Engine,
  EngineOutput,
  EngineRequest,
  KvSource,
  KvTransferOptions,
  SamplingParams,
} from "../types.ts";
import { samplingParams } from "./sampling-params.ts";

/** A side channel on loopback at any port, with what a test wants different. */
export function kvTransferOptions(
  kvRole: KvTransferOptions["kvRole"],
  wanted: Partial<KvTransferOptions> = {},
): KvTransferOptions {
  return {
    kvRole,
    engineId: kvRole,
    sideChannelHost: "127.0.0.1",
    sideChannelPort: 0,
    leaseDurationMs: 60_000,
    pullIdleMsMax: 10_000,
    kvLoadFailurePolicy: "recompute",
    ...wanted,
  };
}

let serial = 0;

export type AskWish = Partial<SamplingParams> & Pick<EngineRequest, "kvTransfer" | "cacheSalt">;

/** Submits a prompt, greedy and past end-of-sequence, and gathers its outputs until the last one. */
export function ask(
  engine: Engine,
  promptTokenIds: readonly number[],
  { kvTransfer, cacheSalt, ...params }: AskWish = {},
): { readonly requestId: string; readonly outputs: Promise<EngineOutput[]> } {
  const requestId = `ask-${serial++}`;
  const { promise, resolve } = Promise.withResolvers<EngineOutput[]>();
  const outputs: EngineOutput[] = [];
  const request: EngineRequest = {
    requestId,
    promptTokenIds,
    samplingParams: samplingParams({ ignoreEos: true, ...params }),
    ...(kvTransfer !== undefined && { kvTransfer }),
    ...(cacheSalt !== undefined && { cacheSalt }),
  };
  engine.submit(request, (output) => {
    outputs.push(output);
    if (output.finishReason !== null) resolve(outputs);
  });
  return { requestId, outputs: promise };
}

/** Computes a prompt and holds its blocks for another engine. */
export async function prefill(
  engine: Engine,
  promptTokenIds: readonly number[],
): Promise<KvSource> {
  const kvTransfer = { kind: "remote-decode" } as const;
  const outputs = await ask(engine, promptTokenIds, { kvTransfer, maxTokens: 1 }).outputs;
  const source = outputs.at(-1)?.kvSource;
  assert(source !== undefined, "No blocks are held");
  return source;
}

/** Answers a prompt whose blocks another engine holds. */
export function decode(
  engine: Engine,
  promptTokenIds: readonly number[],
  wish: AskWish & { readonly source: KvSource },
): Promise<EngineOutput[]> {
  const { source, ...rest } = wish;
  return ask(engine, promptTokenIds, { kvTransfer: { kind: "remote-prefill", source }, ...rest })
    .outputs;
}

/** Resolves when nothing runs and neither sequence nor lease nor pull holds a block. */
export async function untilFree(engine: Engine): Promise<void> {
  const endMs = Date.now() + 30_000;
  for (;;) {
    const { kvCacheUsage, runningCount, waitingCount, kvTransfer } = engine.stats();
    const held = (kvTransfer?.leaseCount ?? 0) + (kvTransfer?.pullCount ?? 0);
    if (kvCacheUsage === 0 && runningCount + waitingCount + held === 0) return;
    assert(Date.now() < endMs, `Blocks are held: ${JSON.stringify(engine.stats())}`);
    await delay(5);
  }
}
