import assert from "node:assert/strict";
import { test } from "node:test";
import { allLiving, countBySlot, indexes, keys, view } from "../test-support/rank-views.ts";
import { consistentHash } from "./consistent-hash.ts";

test("consistentHash() keeps each session on its rank", () => {
  const choose = consistentHash(indexes(5));
  for (const key of keys) {
    const home = choose(key, allLiving(5));
    assert.equal(choose(key, view([true, true, true, true, true], [9, 8, 7, 6, 5])), home);
  }
});

test("consistentHash() moves only the sessions of a lost rank, to all others, and back when it returns", () => {
  const choose = consistentHash(indexes(6));
  const homes = keys.map((key) => choose(key, allLiving(6)));
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
    keys.map((key) => choose(key, allLiving(6))),
    homes,
  );
});

test("consistentHash() moves about one share of the sessions to a rank that is new", () => {
  const before = consistentHash(indexes(9));
  const after = consistentHash(indexes(10));
  const moves = keys.filter((key) => after(key, allLiving(10)) !== before(key, allLiving(9)));
  for (const key of moves) assert.equal(after(key, allLiving(10)), 9);
  assert.ok(moves.length > 130 && moves.length < 270, String(moves.length));
});

test("consistentHash() knows ranks by index, whatever their order", () => {
  const forth = consistentHash([3, 8, 1]);
  const back = consistentHash([1, 8, 3]);
  for (const key of keys) {
    assert.equal([3, 8, 1][forth(key, allLiving(3))], [1, 8, 3][back(key, allLiving(3))]);
  }
});

test("consistentHash() sends a request without a session where the least is in flight", () => {
  const choose = consistentHash(indexes(3));
  assert.equal(choose(undefined, view([true, true, true], [2, 1, 2])), 1);
});
