import assert from "node:assert/strict";
import { test } from "node:test";
import { samplingParams } from "../test-support/sampling-params.ts";
import { Sequence } from "./sequence.ts";

function makeSequence(maxTokens: number): Sequence {
  return new Sequence({
    requestId: "a",
    promptTokenIds: Int32Array.of(5, 6, 7),
    samplingParams: samplingParams({ maxTokens }),
    maxModelLen: 8,
  });
}

test("Sequence ends at maxTokens or at the model's length, whichever comes first", () => {
  assert.equal(makeSequence(2).lengthMax, 5);
  assert.equal(makeSequence(5).lengthMax, 8);
  assert.equal(makeSequence(Number.MAX_SAFE_INTEGER).lengthMax, 8);
});

test("Sequence counts what is pending", () => {
  const sequence = makeSequence(5);
  assert.equal(sequence.pendingTokenCount, 3);
  sequence.computedTokenCount = 3;
  sequence.outputTokenIds.push(9);
  assert.deepEqual([sequence.length, sequence.pendingTokenCount], [4, 1]);
});

test("Sequence.copyTokens() copies across the border of prompt and output", () => {
  const sequence = makeSequence(5);
  sequence.outputTokenIds.push(8, 9);
  const target = new Int32Array(3);
  sequence.copyTokens({ start: 2, count: 3 }, target);
  assert.deepEqual([...target], [7, 8, 9]);
});
