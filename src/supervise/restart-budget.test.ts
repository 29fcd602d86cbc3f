import assert from "node:assert/strict";
import { test } from "node:test";
import { countEnd } from "./restart-budget.ts";

const policy = { restartsMax: 4, windowMs: 60_000, firstWaitMs: 500, waitMsMax: 3_000 };

function countAll(timesMs: readonly number[]): readonly (number | undefined)[] {
  let endTimesMs: readonly number[] = [];
  return timesMs.map((atMs) => {
    const counted = countEnd(policy, endTimesMs, atMs);
    ({ endTimesMs } = counted);
    return counted.waitMs;
  });
}

test("countEnd() doubles the wait up to its limit, and gives none when the budget is used up", () => {
  assert.deepEqual(countAll([1, 2, 3, 4, 5]), [500, 1_000, 2_000, 3_000, undefined]);
});

test("countEnd() forgets what is older than the window", () => {
  assert.deepEqual(countAll([0, 1, 60_000, 60_001, 200_000]), [500, 1_000, 1_000, 1_000, 500]);
});

test("countEnd() refuses every restart where there is no budget", () => {
  assert.equal(countEnd({ ...policy, restartsMax: 0 }, [], 1).waitMs, undefined);
});
