import assert from "node:assert/strict";
import { test } from "node:test";
import { BlockPool } from "../kv-cache/mod.ts";
import { samplingParams } from "../test-support/sampling-params.ts";
import { Sequence } from "./sequence.ts";
import { buildStepBatch } from "./step.ts";

test("buildStepBatch() lays sequences end to end and wants logits of those that come to their end", () => {
  const pool = new BlockPool(8);
  const makeSequence = (requestId: string, computedTokenCount: number) => {
    const sequence = new Sequence({
      requestId,
      promptTokenIds: Int32Array.of(10, 11, 12, 13),
      samplingParams: samplingParams(),
      maxModelLen: 32,
    });
    sequence.computedTokenCount = computedTokenCount;
    sequence.blockTable.grow(2, pool);
    return sequence;
  };
  const [fresh, middle, decode] = [
    makeSequence("fresh", 0),
    makeSequence("middle", 1),
    makeSequence("decode", 4),
  ];
  decode.outputTokenIds.push(20);
  const { batch, sampled } = buildStepBatch({
    entries: [
      { sequence: decode, tokenCount: 1 },
      { sequence: middle, tokenCount: 2 },
      { sequence: fresh, tokenCount: 4 },
    ],
  });
  assert.deepEqual([...batch.tokenIds], [20, 11, 12, 10, 11, 12, 13]);
  assert.deepEqual([...batch.positions], [4, 1, 2, 0, 1, 2, 3]);
  assert.deepEqual([...batch.logitTokenIndexes], [0, 6]);
  assert.deepEqual(sampled, [decode, fresh]);
  assert.deepEqual(
    batch.sequences.map(({ tokenOffset, tokenCount, contextLength, promptLength }) => [
      tokenOffset,
      tokenCount,
      contextLength,
      promptLength,
    ]),
    [
      [0, 1, 5, 4],
      [1, 2, 3, 4],
      [3, 4, 4, 4],
    ],
  );
  assert.deepEqual(
    batch.sequences.map(({ blockTable }) => [...blockTable]),
    [decode, middle, fresh].map(({ blockTable }) => [...blockTable.view()]),
  );
});
