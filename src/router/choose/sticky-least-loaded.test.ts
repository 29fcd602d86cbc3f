import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { policyOptions } from "../test-support/policy-options.ts";
import { allEligible, countBySlot, indexes, keys, view } from "../test-support/rank-views.ts";
import type { PolicyOptions } from "./policy.ts";
import { stickyLeastLoaded } from "./sticky-least-loaded.ts";

function sticky(rankCount: number, options: Partial<PolicyOptions> = {}) {
  return stickyLeastLoaded(rankCount, policyOptions("sticky_least_loaded", options));
}

test("stickyLeastLoaded() keeps each session where it began, whatever the load", () => {
  const policy = sticky(5);
  const homes = keys.map((key) => policy.choose(key, allEligible(5)));
  assert.deepEqual(countBySlot(homes), [400, 400, 400, 400, 400]);
  const busy = view([true, true, true, true, true], [9, 0, 7, 6, 5]);
  assert.deepEqual(
    keys.map((key) => policy.choose(key, busy)),
    homes,
  );
});

test("stickyLeastLoaded() places a session where the fewest are, then where the least is in flight", () => {
  const policy = sticky(3);
  assert.equal(policy.choose("a", view([true, true, true], [2, 1, 3])), 1);
  assert.equal(policy.choose("b", view([true, true, true], [2, 0, 3])), 0);
  assert.equal(policy.choose("c", view([true, true, true], [0, 0, 9])), 2);
});

test("stickyLeastLoaded() spreads first sessions of many routers over all ranks", () => {
  const firsts = keys.map((key) => sticky(4).choose(key, allEligible(4)));
  // 500 expected; 5 standard deviations are 97.
  for (const count of countBySlot(firsts)) assert.ok(Math.abs(count - 500) < 97);
});

test("stickyLeastLoaded() moves the sessions of a lost rank evenly, and leaves them there when it returns", () => {
  const policy = sticky(4);
  const homes = keys.map((key) => policy.choose(key, allEligible(4)));
  const without = view([true, false, true, true]);
  const moved = keys.map((key) => policy.choose(key, without));
  for (const [index, home] of homes.entries()) if (home !== 1) assert.equal(moved[index], home);
  const [first, lost, third, fourth] = countBySlot(moved);
  assert.equal(lost, undefined);
  for (const count of [first, third, fourth]) assert.ok(Math.abs(count! - 667) <= 1, `${count}`);
  assert.deepEqual(
    keys.map((key) => policy.choose(key, allEligible(4))),
    moved,
  );
});

test("stickyLeastLoaded() brings sessions that slept through a loss back, and fills the returned rank up", () => {
  const policy = sticky(2);
  const homes = ["a", "b", "c", "d"].map((key) => policy.choose(key, allEligible(2)));
  const onFirst = ["a", "b", "c", "d"].filter((_, index) => homes[index] === 0);
  const [asleep, awake] = onFirst;
  assert.equal(policy.choose(awake, view([false, true])), 1);
  assert.equal(policy.choose(asleep, allEligible(2)), 0);
  assert.equal(policy.choose(awake, allEligible(2)), 1);
  // 1 there and 3 here: the next two go there.
  assert.deepEqual(
    ["e", "f"].map((key) => policy.choose(key, allEligible(2))),
    [0, 0],
  );
});

test("stickyLeastLoaded() remembers a session's rank while none lives", () => {
  const policy = sticky(2);
  const homes = ["a", "b", "c", "d"].map((key) => policy.choose(key, allEligible(2)));
  // Now the other rank has none: a session that was forgotten would go there.
  for (const [index, home] of homes.entries())
    if (home !== homes[0]) policy.finishSession("abcd"[index]!);
  assert.equal(policy.choose("a", view([false, false])), -1);
  assert.equal(policy.choose("a", allEligible(2)), homes[0]);
});

test("stickyLeastLoaded() makes room where sessions are finished or expire", () => {
  let nowMs = 0;
  const policy = sticky(2, { clock: () => nowMs, sessionIdleMsMax: 10 });
  const [a, b] = ["a", "b"].map((key) => policy.choose(key, allEligible(2)));
  assert.notEqual(a, b);
  assert.equal(policy.finishSession("a"), true);
  assert.equal(policy.choose("c", allEligible(2)), a);
  nowMs = 8;
  policy.choose("c", allEligible(2));
  nowMs = 16;
  assert.deepEqual(
    [policy.choose("d", allEligible(2)), policy.choose("c", allEligible(2))],
    [b, a],
  );
});

test("stickyLeastLoaded() remembers no more than sessionsMax, and places requests without a session apart from them", () => {
  const policy = sticky(2, { sessionsMax: 1 });
  for (const key of keys) policy.choose(key, allEligible(2));
  assert.equal(policy.countSessions(), 1);
  assert.deepEqual(
    keys.filter((key) => policy.finishSession(key)),
    [keys.at(-1)],
  );
  assert.equal(policy.choose(undefined, view([true, true], [1, 0])), 1);
  assert.equal(policy.choose(undefined, view([true, true], [0, 1])), 0);
});

test("stickyLeastLoaded() keeps ranks within one session of each other while all live and none ends", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string(), { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      (some, rankCount) => {
        const policy = sticky(rankCount);
        const counts = indexes(rankCount).map(() => 0);
        for (const key of some) {
          counts[policy.choose(key, allEligible(rankCount))]! += 1;
          assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
        }
      },
    ),
  );
});
