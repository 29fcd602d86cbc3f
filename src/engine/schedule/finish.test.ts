import assert from "node:assert/strict";
import { test } from "node:test";
import { samplingParams } from "../test-support/sampling-params.ts";
import type { SamplingParams } from "../types.ts";
import { finishOf } from "./finish.ts";
import { Sequence } from "./sequence.ts";

/** How a sequence with a prompt of two tokens ends after these output tokens; end of sequence is 9. */
function finish(outputTokenIds: readonly number[], wanted: Partial<SamplingParams>) {
  const sequence = new Sequence({
    requestId: "a",
    promptTokenIds: Int32Array.of(9, 8),
    samplingParams: samplingParams(wanted),
    maxModelLen: 6,
  });
  sequence.outputTokenIds.push(...outputTokenIds);
  return finishOf(sequence, [9]);
}

test("finishOf() goes on while nothing ends the sequence", () => {
  assert.equal(finish([], {}), null);
  assert.equal(finish([1, 2], { stopTokenIds: [8] }), null);
});

test("finishOf() stops at end-of-sequence, unless it is ignored", () => {
  assert.deepEqual(finish([1, 9], {}), { finishReason: "stop", stopReason: null });
  assert.equal(finish([1, 9], { ignoreEos: true }), null);
});

test("finishOf() stops at a stop token and names it", () => {
  assert.deepEqual(finish([7], { stopTokenIds: [8, 7] }), { finishReason: "stop", stopReason: 7 });
  const eosAsStop = { ignoreEos: true, stopTokenIds: [9] };
  assert.deepEqual(finish([9], eosAsStop), { finishReason: "stop", stopReason: 9 });
});

test("finishOf() ends at maxTokens and at the model's length, after a stop in the same token", () => {
  const length = { finishReason: "length", stopReason: null };
  assert.deepEqual(finish([1, 2], { maxTokens: 2 }), length);
  assert.deepEqual(finish([1, 2, 3, 4], {}), length);
  assert.equal(finish([1, 9], { maxTokens: 2 })!.finishReason, "stop");
});
