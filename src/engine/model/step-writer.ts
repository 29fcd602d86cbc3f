import assert from "node:assert/strict";
import type { StepBatch, StepSequence } from "../step-batch.ts";
import { blockStrideOf, type MemoryPlan } from "./memory-plan.ts";
import { RopeTable } from "./rope-table.ts";
import type { StepCounts } from "./step-control.ts";

/** Copies a batch into the places that all threads read. The views are made once. */
export class StepWriter {
  readonly #plan: MemoryPlan;
  readonly #tokenIds: Int32Array;
  readonly #cacheOffsets: Uint32Array;
  readonly #sequences: Uint32Array;
  readonly #blockTables: Int32Array;
  readonly #logitRows: Int32Array;
  readonly #ropeTable: RopeTable;
  readonly #blocksPerSequence: number;
  readonly #blockStride: number;

  constructor(plan: MemoryPlan, buffer: ArrayBufferLike) {
    const { step, maxNumBatchedTokens, maxNumSeqs } = plan;
    this.#plan = plan;
    this.#blocksPerSequence = Math.ceil(plan.maxModelLen / plan.blockSize);
    this.#blockStride = blockStrideOf(plan.config, plan.blockSize);
    this.#tokenIds = new Int32Array(buffer, step.tokenIds, maxNumBatchedTokens);
    this.#cacheOffsets = new Uint32Array(buffer, step.cacheOffsets, maxNumBatchedTokens);
    this.#sequences = new Uint32Array(buffer, step.sequences, maxNumSeqs * 4);
    const blockTableSize = maxNumSeqs * this.#blocksPerSequence;
    this.#blockTables = new Int32Array(buffer, step.blockTables, blockTableSize);
    this.#logitRows = new Int32Array(buffer, step.logitRows, maxNumSeqs);
    this.#ropeTable = new RopeTable(plan, buffer);
  }

  /** A batch beyond the limits or with ids out of range is a bug of the caller and asserts. */
  write(batch: StepBatch): StepCounts {
    this.#check(batch);
    this.#tokenIds.set(batch.tokenIds);
    this.#logitRows.set(batch.logitTokenIndexes);
    for (const [index, sequence] of batch.sequences.entries()) this.#writeSequence(index, sequence);
    return {
      tokenCount: batch.tokenIds.length,
      sequenceCount: batch.sequences.length,
      logitCount: batch.logitTokenIndexes.length,
    };
  }

  #check({ tokenIds, positions, sequences, logitTokenIndexes }: StepBatch): void {
    const { maxNumBatchedTokens, maxNumSeqs, config } = this.#plan;
    assert(tokenIds.length > 0 && tokenIds.length <= maxNumBatchedTokens);
    assert.equal(positions.length, tokenIds.length);
    assert(sequences.length <= maxNumSeqs && logitTokenIndexes.length <= maxNumSeqs);
    assert(tokenIds.every((id) => id >= 0 && id < config.vocabSize));
    assert(logitTokenIndexes.every((index) => index >= 0 && index < tokenIds.length));
    let tokenCount = 0;
    for (const sequence of sequences) {
      assert.equal(sequence.tokenOffset, tokenCount);
      tokenCount += sequence.tokenCount;
      this.#checkSequence(sequence, positions);
    }
    assert.equal(tokenCount, tokenIds.length);
  }

  #checkSequence(sequence: StepSequence, positions: Int32Array): void {
    const { tokenOffset, tokenCount, contextLength, blockTable } = sequence;
    const { blockSize, blockCount, maxModelLen } = this.#plan;
    const blocks = Math.ceil(contextLength / blockSize);
    assert(tokenCount > 0 && contextLength >= tokenCount && contextLength <= maxModelLen);
    assert.equal(positions[tokenOffset], contextLength - tokenCount);
    assert.equal(positions[tokenOffset + tokenCount - 1], contextLength - 1);
    assert(blockTable.length >= blocks);
    for (let i = 0; i < blocks; i++) assert(blockTable[i]! >= 0 && blockTable[i]! < blockCount);
  }

  #writeSequence(index: number, sequence: StepSequence): void {
    const { tokenOffset, tokenCount, contextLength, promptLength, blockTable } = sequence;
    const { blockSize, config, step } = this.#plan;
    const tableStart = index * this.#blocksPerSequence;
    const blocks = Math.ceil(contextLength / blockSize);
    for (let i = 0; i < blocks; i++) this.#blockTables[tableStart + i] = blockTable[i]!;
    const firstPosition = contextLength - tokenCount;
    this.#sequences[index * 4] = tokenOffset;
    this.#sequences[index * 4 + 1] = tokenCount;
    this.#sequences[index * 4 + 2] = firstPosition;
    this.#sequences[index * 4 + 3] = step.blockTables + tableStart * 4;
    for (let i = 0; i < tokenCount; i++) {
      const position = firstPosition + i;
      const block = blockTable[Math.floor(position / blockSize)]!; // Checked above.
      const slot = position % blockSize;
      this.#cacheOffsets[tokenOffset + i] = block * this.#blockStride + slot * config.headDim;
      this.#ropeTable.write(tokenOffset + i, position, promptLength);
    }
  }
}
