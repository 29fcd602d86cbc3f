import { setTimeout as delay } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { PenstockError } from "../../errors/mod.ts";
import { closeWaitMsMax } from "../limits.ts";
import type {
  Engine,
  EngineOutput,
  EngineRequest,
  EngineStats,
  KvTransferOptions,
  ModelSummary,
  OutputListener,
} from "../types.ts";
import { checkKvTransfer } from "./check-kv-transfer.ts";
import { checkRequest } from "./check-request.ts";
import type { MessageFromCore, MessageToCore } from "./messages.ts";
import { unpackError } from "../packed-error.ts";

export interface EngineClientOptions {
  readonly model: ModelSummary;
  readonly maxNumSeqs: number;
  readonly queueDepthMax: number;
  readonly kvTransfer?: KvTransferOptions | undefined;
}

interface LiveRequest {
  readonly listener: OutputListener;
  isAborted: boolean;
}

/** The engine as the main thread sees it: messages to its thread, and who listens to which request. */
export class EngineClient implements Engine {
  readonly model: ModelSummary;
  readonly died: Promise<Error>;
  readonly #worker: Worker;
  readonly #options: EngineClientOptions;
  readonly #live = new Map<string, LiveRequest>();
  readonly #resolveDied: (cause: Error) => void;
  readonly #exited: Promise<unknown>;
  /** Those who wait for the next message of the engine's thread. */
  readonly #watchers = new Set<(isAlive: boolean) => void>();
  #stats: EngineStats;
  /** Why no request is taken any more; null while the engine lives. */
  #endReason: string | null = null;
  #closing: Promise<void> | null = null;

  /** @param worker Has said "ready". */
  constructor(worker: Worker, options: EngineClientOptions) {
    this.model = options.model;
    this.#options = options;
    this.#worker = worker;
    this.#stats = statsAtStart(options.model);
    ({ promise: this.died, resolve: this.#resolveDied } = Promise.withResolvers<Error>());
    this.#exited = new Promise((resolve) => worker.once("exit", resolve));
    worker.on("message", (message: MessageFromCore) => this.#hear(message));
    worker.on("error", (error) => this.#die(error));
    worker.on("exit", (exitCode) =>
      this.#die(new PenstockError("ENGINE_THREAD_ENDED", { exitCode })),
    );
  }

  submit(request: EngineRequest, listener: OutputListener): void {
    const { requestId, kvTransfer } = request;
    if (this.#endReason !== null)
      throw new PenstockError("ENGINE_DEAD", { reason: this.#endReason });
    checkRequest(request, this.model);
    checkKvTransfer(request, this.model, this.#options.kvTransfer);
    if (this.#live.has(requestId)) {
      const reason = "a request with this id is alive already";
      throw new PenstockError("ENGINE_REQUEST_INVALID", { requestId, reason });
    }
    const { maxNumSeqs, queueDepthMax } = this.#options;
    const liveCount = this.#live.size;
    if (liveCount >= maxNumSeqs + queueDepthMax) {
      if (kvTransfer?.kind === "remote-prefill")
        this.#send({ kind: "release-source", source: kvTransfer.source });
      throw new PenstockError("ENGINE_QUEUE_FULL", { liveCount, maxNumSeqs, queueDepthMax });
    }
    const promptTokenIds = Int32Array.from(request.promptTokenIds);
    this.#send({ kind: "submit", request: { ...request, promptTokenIds } });
    this.#live.set(requestId, { listener, isAborted: false });
  }

  abort(requestId: string): void {
    const request = this.#live.get(requestId);
    if (request === undefined || request.isAborted) return;
    request.isAborted = true;
    this.#send({ kind: "abort", requestId });
  }

  /** Requests on their way to the engine's thread count as waiting. */
  stats(): EngineStats {
    return {
      ...this.#stats,
      waitingCount: Math.max(0, this.#live.size - this.#stats.runningCount),
    };
  }

  async answersWithin(limitMs: number): Promise<boolean> {
    if (this.#endReason !== null) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), limitMs);
    this.#watchers.add(resolve);
    this.#send({ kind: "ping" });
    const isAlive = await promise;
    clearTimeout(timer);
    this.#watchers.delete(resolve);
    return isAlive;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#endReason === null) {
      this.#endReason = "it was closed";
      this.#send({ kind: "close" });
      const timer = new AbortController();
      const timeout = delay(closeWaitMsMax, null, { signal: timer.signal }).catch(() => null);
      await Promise.race([this.#exited, timeout]);
      timer.abort();
    }
    await this.#worker.terminate();
    this.#endAll({ finishReason: "abort" });
  }

  #hear(message: MessageFromCore): void {
    if (message.kind === "died") this.#die(unpackError(message.error));
    if (message.kind !== "step") return;
    for (const resolve of this.#watchers) resolve(true);
    this.#stats = message.stats;
    this.#deliver(message.outputs);
  }

  /** All that ended are let go before anybody is told, so that a listener may submit at once. */
  #deliver(outputs: readonly EngineOutput[]): void {
    const listeners = outputs.map(({ requestId }) => this.#live.get(requestId)?.listener);
    for (const { requestId, finishReason } of outputs)
      if (finishReason !== null) this.#live.delete(requestId);
    for (const [index, output] of outputs.entries()) listeners[index]?.(output);
  }

  /** The engine ended by itself. Its end after close(), or a second sign of the same end, is no news. */
  #die(cause: Error): void {
    if (this.#endReason !== null) return;
    this.#endReason = `it died of: ${cause.message}`;
    this.#stats = { ...this.#stats, runningCount: 0, kvCacheUsage: 0 };
    this.#resolveDied(cause);
    for (const resolve of this.#watchers) resolve(false);
    void this.#worker.terminate();
    this.#endAll({ finishReason: "error", error: cause.message });
  }

  #endAll(end: Pick<EngineOutput, "finishReason" | "error">): void {
    const requestIds = [...this.#live.keys()];
    this.#deliver(
      requestIds.map((requestId) => ({
        requestId,
        tokenIds: [],
        logprobs: null,
        stopReason: null,
        ...end,
      })),
    );
  }

  #send(message: MessageToCore): void {
    this.#worker.postMessage(message);
  }
}

function statsAtStart(model: ModelSummary): EngineStats {
  return {
    runningCount: 0,
    waitingCount: 0,
    kvCacheUsage: 0,
    kvBlockCount: model.kvBlockCount,
    preemptionsTotal: 0,
    promptTokensTotal: 0,
    generationTokensTotal: 0,
    stepsTotal: 0,
    prefixCacheQueriesTotal: 0,
    prefixCacheHitsTotal: 0,
    kvTransfer: null,
  };
}
