import type { KvMemory } from "./kv-memory.ts";
import type { Dtype } from "./types.ts";

/**
 * What one step computes: new tokens of several sequences, laid end to end. A sequence in prefill brings many
 * tokens, one in decode brings one; the forward pass makes no difference between them.
 */
export interface StepBatch {
  /** [tokens] */
  readonly tokenIds: Int32Array;
  /** [tokens] Position of each token in its sequence, from 0. */
  readonly positions: Int32Array;
  readonly sequences: readonly StepSequence[];
  /** Indexes into tokenIds of the tokens whose logits are wanted, ascending. */
  readonly logitTokenIndexes: Int32Array;
}

export interface StepSequence {
  /** Index of its first new token in tokenIds. */
  readonly tokenOffset: number;
  readonly tokenCount: number;
  /** Tokens of the sequence whose keys and values exist after this step, the new ones included. */
  readonly contextLength: number;
  /**
   * Tokens of its prompt, for models whose RoPE depends on the length (dynamic, longrope): all tokens of a prompt
   * rotate alike, however it is cut into chunks. The tokens that were sampled before a preemption are no part of it.
   */
  readonly promptLength: number;
  /** KV blocks in sequence order; holds at least ceil(contextLength / blockSize). Token p lives in block p / blockSize. */
  readonly blockTable: Int32Array;
}

/** A loaded model on its compute threads. Called from one thread, one step at a time. */
export interface ModelRunner {
  readonly architecture: string;
  readonly vocabSize: number;
  readonly maxModelLen: number;
  readonly blockSize: number;
  readonly blockCount: number;
  readonly parameterCount: number;
  readonly weightBytes: number;
  readonly dtype: Dtype;
  readonly threadCount: number;
  /** What blocks are made of, for those who carry them elsewhere between two steps. */
  readonly kvMemory: KvMemory;
  /**
   * Up to this position keys are the same whatever the length of their prompt, given that it is no longer than this;
   * Infinity but for RoPE that depends on the length (dynamic, longrope).
   */
  readonly lengthInvariantMax: number;
  /**
   * Computes keys and values of the new tokens into their blocks and the wanted logits. Blocks the caller
   * until done. A row does not depend on what else is in the batch, to the last bit.
   *
   * @returns [logitTokenIndexes.length, vocabSize], a view that the next call overwrites.
   */
  forward(batch: StepBatch): Float32Array;
  close(): Promise<void>;
}
