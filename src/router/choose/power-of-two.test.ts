import assert from "node:assert/strict";
import { test } from "node:test";
import { allEligible, countBySlot, indexes, view } from "../test-support/rank-views.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { seededRandom } from "./seeded-random.ts";

/** Draws these, given in parts of the whole range. */
function drawing(...parts: readonly number[]): () => number {
  const rest = [...parts];
  return () => Math.floor(rest.shift()! * 2 ** 32);
}

test("powerOfTwo() takes the drawn rank with fewer requests, the first where they are even", () => {
  const ranks = view([true, true, true, true], [5, 3, 3, 0]);
  assert.equal(powerOfTwo(4, drawing(0, 0))(undefined, ranks), 1);
  assert.equal(powerOfTwo(4, drawing(0.3, 0))(undefined, ranks), 1);
  assert.equal(powerOfTwo(4, drawing(0.3, 0.4))(undefined, ranks), 1);
  assert.equal(powerOfTwo(4, drawing(0.6, 0.4))(undefined, ranks), 2);
});

test("powerOfTwo() draws among all pairs of eligible ranks alike and never one rank twice", () => {
  const eligible = [true, false, true, true, true];
  const random = seededRandom(3);
  // Of any pair the lower slot has less in flight, so that choices tell how often each was the lower of two.
  const choose = powerOfTwo(5, random);
  const slots = Array.from({ length: 6_000 }, () => choose("a", view(eligible, [1, 0, 2, 3, 4])));
  const counts = countBySlot(slots);
  // Slot 0 is in 3 of 6 pairs, slot 2 the lower one of 2, slot 3 of 1; 5 standard deviations are at most 194.
  for (const [slot, wanted] of [3_000, undefined, 2_000, 1_000, undefined].entries()) {
    if (wanted === undefined) assert.equal(counts[slot], undefined);
    else assert.ok(Math.abs(counts[slot]! - wanted) < 194, String(counts));
  }
});

test("powerOfTwo() keeps many ranks far more even than single draws", () => {
  const ranks = allEligible(1_000);
  const choose = powerOfTwo(1_000, seededRandom(5));
  for (let count = 0; count < 10_000; count++) ranks.inFlight[choose(undefined, ranks)]! += 1;
  // Single draws leave about 22 on the fullest, two about 10 + ln ln 1,000 / ln 2 = 12.8.
  assert.ok(Math.max(...ranks.inFlight) <= 14, String(Math.max(...ranks.inFlight)));
});

test("powerOfTwo() with one eligible rank draws nothing", () => {
  const choose = powerOfTwo(3, drawing());
  for (const alone of [0, 1, 2]) {
    assert.equal(choose(undefined, view(indexes(3).map((slot) => slot === alone))), alone);
  }
});
