import assert from "node:assert/strict";
import { isPenstockError, PenstockError } from "../../errors/mod.ts";
import { BlockPool, PrefixCache } from "../kv-cache/mod.ts";
import { type SampledToken, Sampler, SampleScratch } from "../sample/mod.ts";
import {
  buildStepBatch,
  type Finish,
  finishOf,
  type LogitRow,
  Scheduler,
  Sequence,
} from "../schedule/mod.ts";
import type { ModelRunner } from "../step-batch.ts";
import type { MessageFromTransfer } from "../transfer/mod.ts";
import type { EngineOutput, EngineStats, KvPull, KvSource } from "../types.ts";
import { type EndedPull, HandOver, type HandOverOptions } from "./hand-over.ts";
import type { CoreRequest } from "./messages.ts";

export interface EngineCoreOptions {
  readonly runner: ModelRunner;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  readonly queueDepthMax: number;
  /** Seeds requests that bring no seed. */
  readonly seed: number;
  readonly eosTokenIds: readonly number[];
  /** Default: true. */
  readonly enablePrefixCaching?: boolean;
  /** Without it, requests may not say anything about hand-over. */
  readonly handOver?: HandOverOptions;
}

interface LiveRequest {
  readonly sequence: Sequence;
  readonly sampler: Sampler;
  /** Its blocks are wanted by another engine when it has ended well. */
  readonly isForRemoteDecode: boolean;
  kvPull: KvPull | null;
}

/** The engine without its thread: schedule, compute, sample, one step a call. */
export class EngineCore {
  readonly #options: EngineCoreOptions;
  readonly #pool: BlockPool;
  readonly #prefixCache: PrefixCache | null;
  readonly #scheduler: Scheduler;
  readonly #handOver: HandOver | null;
  readonly #scratch: SampleScratch;
  readonly #live = new Map<string, LiveRequest>();
  /** The last step had nothing to compute. */
  #isStalled = false;
  #streamCount = 0;
  #stepsTotal = 0;
  #promptTokensTotal = 0;
  #generationTokensTotal = 0;

  constructor(options: EngineCoreOptions) {
    const { runner } = options;
    assert(runner.maxModelLen <= runner.blockCount * runner.blockSize, "The cache is too small");
    this.#options = options;
    this.#pool = new BlockPool(runner.blockCount);
    this.#scratch = new SampleScratch(runner.vocabSize);
    const pool = this.#pool;
    const { blockSize, lengthInvariantMax } = runner;
    const hasPrefixCache = options.enablePrefixCaching ?? true;
    this.#prefixCache = hasPrefixCache
      ? new PrefixCache({ pool, blockSize, lengthInvariantMax })
      : null;
    this.#handOver = options.handOver === undefined ? null : new HandOver(pool, options.handOver);
    this.#scheduler = new Scheduler({
      pool,
      blockSize,
      prefixCache: this.#prefixCache ?? undefined,
      maxNumSeqs: options.maxNumSeqs,
      maxNumBatchedTokens: options.maxNumBatchedTokens,
      liveCountMax: options.maxNumSeqs + options.queueDepthMax,
    });
  }

  /** Nothing can be computed before a message comes: nothing lives, or all that does waits for blocks of others. */
  get isBlocked(): boolean {
    return this.#live.size === 0 || this.#isStalled;
  }

  /** Queues a request that the door has checked. */
  add({ requestId, promptTokenIds, samplingParams, kvTransfer, cacheSalt }: CoreRequest): void {
    const { runner, eosTokenIds, seed } = this.#options;
    const { maxModelLen } = runner;
    const source = kvTransfer?.kind === "remote-prefill" ? kvTransfer.source : undefined;
    const isForRemoteDecode = kvTransfer?.kind === "remote-decode";
    assert(kvTransfer === undefined || this.#handOver !== null, "Hand-over is not set up");
    const content = { promptTokenIds, samplingParams, cacheSalt };
    const sequence = new Sequence({ requestId, ...content, maxModelLen, source });
    if (sequence.wantsPromptLogits && source !== undefined) {
      this.releaseSource(source); // Blocks bring no logits: the prompt is computed here.
      sequence.source = null;
    }
    this.#scheduler.add(sequence);
    const randomKey =
      samplingParams.seed === null
        ? { seed, stream: ++this.#streamCount }
        : { seed: samplingParams.seed, stream: 0 };
    const sampler = new Sampler({ params: samplingParams, promptTokenIds, eosTokenIds, randomKey });
    this.#live.set(requestId, { sequence, sampler, isForRemoteDecode, kvPull: null });
    this.#isStalled = false;
  }

  /** Lets another engine have its blocks back, because no request here wants them. */
  releaseSource(source: KvSource): void {
    this.#handOver?.release(source);
  }

  /** Takes in what became of a lease or a pull; the last output of a request whose blocks did not come, if it fails. */
  hear(message: MessageFromTransfer): EngineOutput | null {
    this.#isStalled = false;
    const ended = this.#handOver?.hear(message) ?? null;
    return ended === null ? null : this.#goOn(ended);
  }

  /** Frees all that a request holds; null when it is not alive. */
  abort(requestId: string): EngineOutput | null {
    const request = this.#live.get(requestId);
    if (request === undefined) return null;
    this.#isStalled = false;
    this.#end(request.sequence);
    return { ...emptyOutput(requestId), finishReason: "abort" };
  }

  /** Aborts every request. */
  abortAll(): EngineOutput[] {
    return Array.from(this.#live.keys(), (requestId) => this.abort(requestId)!);
  }

  /**
   * Computes one step. A request whose logits are unusable ends with finishReason "error"; anything else that
   * is thrown leaves the KV cache in doubt, and the engine must not be used after it.
   */
  step(): EngineOutput[] {
    const step = this.#scheduler.schedule();
    for (const fetch of step.fetches) this.#handOver!.fetch(fetch); // Asserted where it was added.
    this.#isStalled = step.entries.length === 0;
    if (this.#isStalled) return [];
    const { batch, rows } = buildStepBatch(step);
    const { runner } = this.#options;
    const logits = runner.forward(batch);
    this.#scheduler.complete(step);
    this.#stepsTotal += 1;
    const { vocabSize } = runner;
    const outputs = rows.map((row, index) =>
      this.#take(row, logits.subarray(index * vocabSize, (index + 1) * vocabSize)),
    );
    return outputs.filter((output) => output !== null);
  }

  stats(): EngineStats {
    return {
      runningCount: this.#scheduler.runningCount,
      waitingCount: this.#scheduler.waitingCount,
      kvCacheUsage: this.#pool.usedCount / this.#pool.blockCount,
      kvBlockCount: this.#pool.blockCount,
      preemptionsTotal: this.#scheduler.preemptionsTotal,
      promptTokensTotal: this.#promptTokensTotal,
      generationTokensTotal: this.#generationTokensTotal,
      stepsTotal: this.#stepsTotal,
      prefixCacheQueriesTotal: this.#prefixCache?.totals.queriesTotal ?? 0,
      prefixCacheHitsTotal: this.#prefixCache?.totals.hitsTotal ?? 0,
      kvTransfer: this.#handOver?.stats ?? null,
    };
  }

  /** Asserts that everything inside agrees. Costs O(blocks): for tests. */
  check(): void {
    this.#scheduler.check(this.#handOver?.heldBlocks);
    assert.equal(this.#scheduler.liveCount, this.#live.size);
  }

  #goOn({ fetch, result }: EndedPull): EngineOutput | null {
    const { sequence, source, start, end } = fetch;
    const request = this.#live.get(sequence.requestId)!; // It waits for the pull.
    const blockCount = end - start;
    if (result.isDone) {
      const { bytes, durationMs } = result;
      request.kvPull = { blockCount, bytes, durationMs, failure: null };
      this.#scheduler.loaded(sequence, source.tokenCount);
      return null;
    }
    this.#scheduler.loadFailed(sequence);
    const { reason } = result;
    request.kvPull = { blockCount, bytes: 0, durationMs: 0, failure: reason };
    const { kvTransfer } = this.#options.handOver!; // There was a pull.
    if (kvTransfer.kvLoadFailurePolicy === "recompute") return null;
    this.#end(sequence);
    const { requestId } = sequence;
    const { host, port } = source;
    const error = new PenstockError("ENGINE_KV_LOAD_FAILED", { requestId, host, port, reason });
    return { ...emptyOutput(requestId), finishReason: "error", error: error.message };
  }

  /** What a row of logits brings: null for a prompt token, or when an earlier row has ended its request. */
  #take({ sequence, promptTokenId }: LogitRow, logits: Float32Array): EngineOutput | null {
    if (sequence.status === "finished") return null;
    const { requestId } = sequence;
    const { sampler } = this.#live.get(requestId)!;
    try {
      if (promptTokenId === null)
        return this.#advance(sequence, sampler.sample(logits, this.#scratch));
      sequence.promptLogprobs!.push(sampler.scorePrompt(logits, promptTokenId, this.#scratch));
      return null;
    } catch (error) {
      if (!isPenstockError(error)) throw error;
      this.#end(sequence); // The logits of this row are no good; the other rows have their own.
      return { ...emptyOutput(requestId), finishReason: "error", error: error.message };
    }
  }

  #advance(sequence: Sequence, sampled: SampledToken): EngineOutput {
    const { requestId, promptLogprobs } = sequence;
    const { isForRemoteDecode, kvPull } = this.#live.get(requestId)!;
    const isFirst = sequence.outputTokenIds.length === 0;
    if (isFirst) this.#promptTokensTotal += sequence.promptTokenIds.length;
    this.#generationTokensTotal += 1;
    sequence.outputTokenIds.push(sampled.tokenId);
    const finish = finishOf(sequence, this.#options.eosTokenIds);
    const kvSource = finish !== null && isForRemoteDecode ? this.#handOver!.lease(sequence) : null;
    if (finish !== null) this.#end(sequence);
    return {
      ...outputOf(requestId, sampled, finish),
      ...(isFirst && { cachedTokenCount: sequence.cachedTokenCount ?? 0 }),
      ...(isFirst && kvPull !== null && { kvPull }),
      ...(isFirst && promptLogprobs !== null && { promptLogprobs }),
      ...(kvSource !== null && { kvSource }),
    };
  }

  #end(sequence: Sequence): void {
    this.#handOver?.letGo(sequence);
    this.#scheduler.finish(sequence);
    this.#live.delete(sequence.requestId);
  }
}

function outputOf(requestId: string, sampled: SampledToken, finish: Finish | null): EngineOutput {
  return {
    requestId,
    tokenIds: [sampled.tokenId],
    logprobs: sampled.logprobs === null ? null : [sampled.logprobs],
    finishReason: finish?.finishReason ?? null,
    stopReason: finish?.stopReason ?? null,
  };
}

function emptyOutput(requestId: string): EngineOutput {
  return { requestId, tokenIds: [], logprobs: null, finishReason: null, stopReason: null };
}
