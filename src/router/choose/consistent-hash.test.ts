import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allEligible,
  countBySlot,
  indexes,
  keys,
  ranksOf,
  view,
} from "../test-support/rank-views.ts";
import { consistentHash } from "./consistent-hash.ts";

test("consistentHash() keeps each session on its rank", () => {
  const choose = consistentHash();
  for (const key of keys) {
    const home = choose(key, allEligible(5));
    assert.equal(choose(key, view([true, true, true, true, true], [9, 8, 7, 6, 5])), home);
  }
});

test("consistentHash() moves only the sessions of a lost rank, to all others, and back when it returns", () => {
  const choose = consistentHash();
  const homes = keys.map((key) => choose(key, allEligible(6)));
  for (let lost = 0; lost < 6; lost++) {
    const without = view(indexes(6).map((slot) => slot !== lost));
    const moved = keys.map((key) => choose(key, without));
    for (const [index, home] of homes.entries()) {
      if (home !== lost) assert.equal(moved[index], home);
    }
    const orphans = countBySlot(moved.filter((_, index) => homes[index] === lost));
    assert.equal(orphans[lost] ?? 0, 0);
    // About 67 orphans a survivor; a rank that took a double share would be past this.
    for (const count of orphans.filter((_, slot) => slot !== lost))
      assert.ok(count > 20 && count < 130);
  }
  assert.deepEqual(
    keys.map((key) => choose(key, allEligible(6))),
    homes,
  );
});

test("consistentHash() moves about one share of the sessions to a rank that is new", () => {
  const choose = consistentHash();
  const moves = keys.filter((key) => choose(key, allEligible(10)) !== choose(key, allEligible(9)));
  for (const key of moves) assert.equal(choose(key, allEligible(10)), 9);
  assert.ok(moves.length > 130 && moves.length < 270, String(moves.length));
});

test("consistentHash() knows ranks by index, whatever their slots", () => {
  const choose = consistentHash();
  for (const key of keys) {
    const forth = [3, 8, 1][choose(key, ranksOf(3, 8, 1))];
    assert.equal(forth, [1, 8, 3][choose(key, ranksOf(1, 8, 3))]);
  }
});

test("consistentHash() has an order of all ranks for each session, and each rank in each place of it as often", () => {
  const choose = consistentHash();
  const places = indexes(5).map(() => [] as number[]);
  for (const key of keys) {
    const ranks = allEligible(5);
    for (const place of places) {
      const slot = choose(key, ranks);
      place.push(slot);
      ranks.eligible[slot] = 0;
    }
  }
  // 400 expected; 5 standard deviations are 90.
  for (const place of places)
    for (const count of countBySlot(place)) assert.ok(Math.abs(count - 400) < 90, String(count));
});

test("consistentHash() sends a request without a session where the least is in flight", () => {
  const choose = consistentHash();
  assert.equal(choose(undefined, view([true, true, true], [2, 1, 2])), 1);
});
