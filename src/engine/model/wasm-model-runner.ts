import type { KvMemory } from "../kv-memory.ts";
import type { ModelRunner, StepBatch } from "../step-batch.ts";
import type { Dtype } from "../types.ts";
import type { ComputeSeat } from "./compute-seat.ts";
import type { ComputeThreads } from "./compute-threads.ts";
import { ForwardPass } from "./forward-pass.ts";
import { kvMemoryOf } from "./kv-memory-of.ts";
import { lengthInvariantMaxOf } from "./rope-frequencies.ts";
import { StepWriter } from "./step-writer.ts";

/** The runner on WebAssembly kernels; the thread that calls forward() computes its share like the others. */
export class WasmModelRunner implements ModelRunner {
  readonly architecture: string;
  readonly vocabSize: number;
  readonly maxModelLen: number;
  readonly blockSize: number;
  readonly blockCount: number;
  readonly parameterCount: number;
  readonly weightBytes: number;
  readonly dtype: Dtype;
  readonly threadCount: number;
  readonly kvMemory: KvMemory;
  readonly lengthInvariantMax: number;
  readonly #my: ComputeSeat;
  readonly #threads: ComputeThreads;
  readonly #writer: StepWriter;
  readonly #pass: ForwardPass;
  readonly #logits: Float32Array;

  constructor(my: ComputeSeat, threads: ComputeThreads, parameterCount: number) {
    const { plan, buffer, seat } = my;
    this.architecture = plan.config.architecture;
    this.vocabSize = plan.config.vocabSize;
    this.maxModelLen = plan.maxModelLen;
    this.blockSize = plan.blockSize;
    this.blockCount = plan.blockCount;
    this.parameterCount = parameterCount;
    this.weightBytes = plan.weightBytes;
    this.dtype = plan.dtype;
    this.threadCount = seat.count;
    this.kvMemory = kvMemoryOf(plan, buffer);
    this.lengthInvariantMax = lengthInvariantMaxOf(plan.config.rope);
    this.#my = my;
    this.#threads = threads;
    this.#writer = new StepWriter(plan, buffer);
    this.#pass = new ForwardPass(my);
    this.#logits = new Float32Array(buffer, plan.scratch.logits, plan.maxNumSeqs * this.vocabSize);
  }

  /** @throws PenstockError MODEL_THREAD_FAILED, and at every later call */
  forward(batch: StepBatch): Float32Array {
    const { control } = this.#my;
    control.throwIfFailed();
    const counts = this.#writer.write(batch);
    this.#embed(counts.tokenCount);
    control.publish(counts);
    try {
      this.#pass.run(counts);
    } catch (error) {
      control.fail(error);
      throw error;
    }
    return this.#logits.subarray(0, counts.logitCount * this.vocabSize);
  }

  async close(): Promise<void> {
    await this.#threads.close();
  }

  #embed(tokenCount: number): void {
    const { kernels, plan } = this.#my;
    const gather = plan.dtype === "bfloat16" ? kernels.gatherRowsBf16 : kernels.gatherRowsF32;
    const { weights, step, scratch, config } = plan;
    gather(weights.embedding, step.tokenIds, scratch.hidden, tokenCount, config.hiddenSize);
  }
}
