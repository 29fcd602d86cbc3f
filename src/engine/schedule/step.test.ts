import assert from "node:assert/strict";
import { test } from "node:test";
import { BlockPool } from "../kv-cache/mod.ts";
import { samplingParams } from "../test-support/sampling-params.ts";
import { Sequence } from "./sequence.ts";
import { buildStepBatch } from "./step.ts";

test("buildStepBatch() wants the logits of each prompt token that is to be scored, once", () => {
  const pool = new BlockPool(8);
  const sequence = new Sequence({
    requestId: "scored",
    promptTokenIds: Int32Array.of(10, 11, 12, 13),
    samplingParams: samplingParams({ promptLogprobs: 0 }),
    maxModelLen: 32,
  });
  sequence.blockTable.grow(2, pool);
  const rowsOf = (tokenCount: number) => {
    const { batch, rows } = buildStepBatch({ entries: [{ sequence, tokenCount }] });
    return [...batch.logitTokenIndexes].map((index, row) => [index, rows[row]!.promptTokenId]);
  };
  assert.deepEqual(rowsOf(2), [
    [0, 11],
    [1, 12],
  ]);
  sequence.promptLogprobs!.push({ tokenId: 11, logprob: 0, rank: 1, top: [] });
  sequence.promptLogprobs!.push({ tokenId: 12, logprob: 0, rank: 1, top: [] });
  // As after a preemption: what is known already is not asked for again.
  assert.deepEqual(rowsOf(4), [
    [2, 13],
    [3, null],
  ]);
});

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
  const { batch, rows } = buildStepBatch({
    entries: [
      { sequence: decode, tokenCount: 1 },
      { sequence: middle, tokenCount: 2 },
      { sequence: fresh, tokenCount: 4 },
    ],
  });
  assert.deepEqual([...batch.tokenIds], [20, 11, 12, 10, 11, 12, 13]);
  assert.deepEqual([...batch.positions], [4, 1, 2, 0, 1, 2, 3]);
  assert.deepEqual([...batch.logitTokenIndexes], [0, 6]);
  assert.deepEqual(
    rows,
    [decode, fresh].map((sequence) => ({ sequence, promptTokenId: null })),
  );
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
