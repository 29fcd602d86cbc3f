import assert from "node:assert/strict";
import { isPenstockError } from "../../errors/mod.ts";
import { BlockPool } from "../kv-cache/mod.ts";
import { type SampledToken, Sampler, SampleScratch } from "../sample/mod.ts";
import { buildStepBatch, type Finish, finishOf, Scheduler, Sequence } from "../schedule/mod.ts";
import type { ModelRunner } from "../step-batch.ts";
import type { EngineOutput, EngineStats } from "../types.ts";
import type { CoreRequest } from "./messages.ts";

export interface EngineCoreOptions {
  readonly runner: ModelRunner;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  readonly queueDepthMax: number;
  /** Seeds requests that bring no seed. */
  readonly seed: number;
  readonly eosTokenIds: readonly number[];
}

interface LiveRequest {
  readonly sequence: Sequence;
  readonly sampler: Sampler;
}

/** The engine without its thread: schedule, compute, sample, one step a call. */
export class EngineCore {
  readonly #options: EngineCoreOptions;
  readonly #pool: BlockPool;
  readonly #scheduler: Scheduler;
  readonly #scratch: SampleScratch;
  readonly #live = new Map<string, LiveRequest>();
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
    this.#scheduler = new Scheduler({
      pool: this.#pool,
      blockSize: runner.blockSize,
      maxNumSeqs: options.maxNumSeqs,
      maxNumBatchedTokens: options.maxNumBatchedTokens,
      liveCountMax: options.maxNumSeqs + options.queueDepthMax,
    });
  }

  get isIdle(): boolean {
    return this.#live.size === 0;
  }

  /** Queues a request that the door has checked. */
  add({ requestId, promptTokenIds, samplingParams }: CoreRequest): void {
    const { runner, eosTokenIds, seed } = this.#options;
    const { maxModelLen } = runner;
    const sequence = new Sequence({ requestId, promptTokenIds, samplingParams, maxModelLen });
    this.#scheduler.add(sequence);
    const randomKey =
      samplingParams.seed === null
        ? { seed, stream: ++this.#streamCount }
        : { seed: samplingParams.seed, stream: 0 };
    const sampler = new Sampler({ params: samplingParams, promptTokenIds, eosTokenIds, randomKey });
    this.#live.set(requestId, { sequence, sampler });
  }

  /** Frees all that a request holds; null when it is not alive. */
  abort(requestId: string): EngineOutput | null {
    const request = this.#live.get(requestId);
    if (request === undefined) return null;
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
    if (step.entries.length === 0) return [];
    const { batch, sampled } = buildStepBatch(step);
    const { runner } = this.#options;
    const logits = runner.forward(batch);
    this.#scheduler.complete(step);
    this.#stepsTotal += 1;
    return sampled.map((sequence, row) => {
      const start = row * runner.vocabSize;
      return this.#advance(sequence, logits.subarray(start, start + runner.vocabSize));
    });
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
    };
  }

  /** Asserts that everything inside agrees. Costs O(blocks): for tests. */
  check(): void {
    this.#scheduler.check();
    assert.equal(this.#scheduler.liveCount, this.#live.size);
  }

  #advance(sequence: Sequence, logits: Float32Array): EngineOutput {
    const { requestId } = sequence;
    let sampled: SampledToken;
    try {
      sampled = this.#live.get(requestId)!.sampler.sample(logits, this.#scratch);
    } catch (error) {
      if (!isPenstockError(error)) throw error;
      this.#end(sequence); // The logits of this row are no good; the other rows have their own.
      return { ...emptyOutput(requestId), finishReason: "error", error: error.message };
    }
    if (sequence.outputTokenIds.length === 0)
      this.#promptTokensTotal += sequence.promptTokenIds.length;
    this.#generationTokensTotal += 1;
    sequence.outputTokenIds.push(sampled.tokenId);
    const finish = finishOf(sequence, this.#options.eosTokenIds);
    if (finish !== null) this.#end(sequence);
    return outputOf(requestId, sampled, finish);
  }

  #end(sequence: Sequence): void {
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
