import assert from "node:assert/strict";
import type { ModelRunner, StepBatch, StepSequence } from "../step-batch.ts";

export interface FakeModelOptions {
  readonly blockCount: number;
  readonly blockSize: number;
  readonly maxModelLen?: number;
  /** Engines hand blocks over to those of the same name. Default: "fake". */
  readonly name?: string;
}

/** End of sequence of the fake model; its answers never hold it by themselves. */
export const fakeEosTokenId = 0;
export const fakeVocabSize = 97;

/**
 * A model whose next token is a hash of the whole sequence, read back from the KV blocks: they hold token ids in
 * place of keys and values. A wrong block table, a lost token or a block in two hands gives a wrong answer.
 */
export function makeFakeModelRunner(options: FakeModelOptions): ModelRunner {
  const { blockCount, blockSize } = options;
  const buffer = new SharedArrayBuffer(blockCount * blockSize * 4);
  const memory = new Int32Array(buffer).fill(-1);
  return {
    architecture: "FakeForCausalLM",
    vocabSize: fakeVocabSize,
    maxModelLen: options.maxModelLen ?? blockCount * blockSize,
    blockSize,
    blockCount,
    parameterCount: 0,
    weightBytes: 0,
    dtype: "float32",
    threadCount: 1,
    kvMemory: {
      buffer,
      planes: [0],
      blockBytes: blockSize * 4,
      blockCount,
      facts: {
        model: options.name ?? "fake",
        dtype: "float32",
        layerCount: 1,
        kvHeadCount: 1,
        headDim: 1,
        blockSize,
      },
    },
    lengthInvariantMax: Infinity,
    forward: (batch) => forward(batch, memory, blockSize),
    close: () => Promise.resolve(),
  };
}

/** What the fake model answers, computed without blocks, steps or batches. */
export function fakeAnswer(promptTokenIds: readonly number[], tokenCount: number): number[] {
  const tokenIds = [...promptTokenIds];
  while (tokenIds.length < promptTokenIds.length + tokenCount)
    tokenIds.push(nextToken(hashOf(tokenIds)));
  return tokenIds.slice(promptTokenIds.length);
}

function forward(batch: StepBatch, memory: Int32Array, blockSize: number): Float32Array {
  const slotOf = ({ blockTable }: StepSequence, position: number): number => {
    const block = blockTable[Math.floor(position / blockSize)];
    assert(block !== undefined, "The block table is too short");
    return block * blockSize + (position % blockSize);
  };
  const rows: Float32Array[] = [];
  for (const sequence of batch.sequences) {
    const { tokenOffset, tokenCount, contextLength } = sequence;
    for (let index = tokenOffset; index < tokenOffset + tokenCount; index++) {
      const position = contextLength - tokenCount + index - tokenOffset;
      assert.equal(batch.positions[index], position);
      memory[slotOf(sequence, position)] = batch.tokenIds[index]!;
    }
  }
  for (const sequence of batch.sequences) {
    const { tokenOffset, tokenCount, contextLength } = sequence;
    for (let index = tokenOffset; index < tokenOffset + tokenCount; index++) {
      if (!batch.logitTokenIndexes.includes(index)) continue;
      const length = contextLength - tokenCount + index - tokenOffset + 1;
      const tokenIds = Array.from({ length }, (_, at) => memory[slotOf(sequence, at)]!);
      rows.push(logitsOf(hashOf(tokenIds)));
    }
  }
  assert.equal(rows.length, batch.logitTokenIndexes.length);
  const logits = new Float32Array(rows.length * fakeVocabSize);
  for (const [row, values] of rows.entries()) logits.set(values, row * fakeVocabSize);
  return logits;
}

/** [fakeVocabSize] Values between 0 and 1, but the answer's, which is 2; end of sequence comes last. */
function logitsOf(hash: number): Float32Array {
  const logits = Float32Array.from(
    { length: fakeVocabSize },
    (_, tokenId) => mix(hash + tokenId) / 2 ** 32,
  );
  logits[nextToken(hash)] = 2;
  logits[fakeEosTokenId] = -1;
  return logits;
}

function nextToken(hash: number): number {
  return 1 + (hash % (fakeVocabSize - 1));
}

function hashOf(tokenIds: readonly number[]): number {
  return tokenIds.reduce((hash, tokenId) => mix(hash ^ mix(tokenId + 1)), 1);
}

/** The finalizer of MurmurHash3. */
function mix(value: number): number {
  let word = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2_ae35);
  return (word ^ (word >>> 16)) >>> 0;
}
