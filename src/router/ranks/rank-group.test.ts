import assert from "node:assert/strict";
import { test } from "node:test";
import { policyNames } from "../choose/policy.ts";
import { policyOptions } from "../test-support/policy-options.ts";
import { countBySlot, indexes, keys } from "../test-support/rank-views.ts";
import { Lease } from "./lease.ts";
import { RankGroup } from "./rank-group.ts";
import { RankTable } from "./rank-table.ts";
import { TriedRanks } from "./tried-ranks.ts";

/** Prefill ranks 0 and 1 and decode ranks 2, 3 and 4. */
function apart() {
  const table = new RankTable(
    (["prefill", "prefill", "decode", "decode", "decode"] as const).map((role, index) => ({
      index,
      url: `http://a:${index + 1}`,
      role,
    })),
  );
  for (let slot = 0; slot < table.count; slot++) table.note(slot, { kind: "ready" }, 1);
  return table;
}

test("RankGroup.choose() stays within its role", () => {
  const table = apart();
  for (const [role, wanted] of [
    ["prefill", [0, 1]],
    ["decode", [2, 3, 4]],
  ] as const) {
    for (const policy of policyNames) {
      const group = new RankGroup(table, role, policyOptions(policy));
      const slots = Array.from({ length: 60 }, (_, number) => group.choose(`key:${number}`, []));
      assert.deepEqual(new Set(slots), new Set(wanted));
    }
  }
});

test("RankGroup.choose() places a session by itself in each role, and keeps it there", () => {
  const table = apart();
  const group = new RankGroup(table, "decode", policyOptions("consistent_hash"));
  const home = group.choose("x-session-id:a", []);
  table.note(0, { kind: "unreachable", reason: "x" }, 1);
  assert.equal(group.choose("x-session-id:a", []), home);
});

test("RankGroup.choose() sees the load of its own ranks", () => {
  const table = apart();
  const group = new RankGroup(table, "decode", policyOptions("consistent_hash"));
  const leases = [2, 4].map((slot) => new Lease(table, slot));
  assert.equal(group.choose(undefined, []), 3);
  for (const lease of leases) lease.release();
});

test("RankGroup.choose() leaves out the ranks that it is told to, and only for once", () => {
  const table = apart();
  const group = new RankGroup(table, "decode", policyOptions("round_robin"));
  for (let count = 0; count < 9; count++) assert.equal(group.choose(undefined, [2, 4]), 3);
  assert.equal(group.choose(undefined, [2, 3, 4]), -1);
  assert.equal(group.livingCount, 3);
  table.note(2, { kind: "unreachable", reason: "x" }, 1);
  group.choose(undefined, [2, 3]);
  assert.deepEqual([...group.eligible.subarray(0, 5)], [0, 0, 0, 1, 1]);
});

for (const policy of ["consistent_hash", "sticky_least_loaded"] as const) {
  test(`RankGroup.choose() moves the sessions of a rank that drains to all others, under ${policy}`, () => {
    const ranks = indexes(5).map((index) => ({ index, url: `http://a:${index + 1}` }));
    const table = new RankTable(ranks);
    for (const slot of table.slots()) table.note(slot, { kind: "ready" }, 1);
    const group = new RankGroup(table, "both", policyOptions(policy));
    const homes = keys.map((key) => group.choose(key, []));
    table.drain(2);
    const moved = keys.map((key) => group.choose(key, []));
    for (const [index, home] of homes.entries()) if (home !== 2) assert.equal(moved[index], home);
    const counts = countBySlot(moved.filter((_, index) => homes[index] === 2));
    // About 100 each; 5 standard deviations are 43.
    for (const slot of [0, 1, 3, 4]) assert.ok(Math.abs(counts[slot]! - 100) < 43, String(counts));
    table.remove(2);
    table.add({ index: 9, url: "http://b:1" }, 2);
    table.note(2, { kind: "ready" }, 1);
    const later = keys.map((key) => group.choose(`${key}:later`, []));
    assert.ok(later.includes(2));
  });
}

test("RankGroup.choose() takes in ranks of its role that come, and no other", () => {
  const table = apart();
  const group = new RankGroup(table, "decode", policyOptions("round_robin"));
  table.add({ index: 5, url: "http://b:1", role: "prefill" }, 5);
  table.add({ index: 6, url: "http://b:2", role: "decode" }, 6);
  assert.equal(group.livingCount, 3);
  for (const slot of [5, 6]) table.note(slot, { kind: "ready" }, 1);
  const slots = Array.from({ length: 8 }, () => group.choose(undefined, []));
  assert.deepEqual(new Set(slots), new Set([2, 3, 4, 6]));
  for (const slot of [2, 3, 4]) table.remove(slot);
  assert.deepEqual([group.choose(undefined, []), group.livingCount], [6, 1]);
  table.remove(6);
  assert.equal(group.choose(undefined, []), -1);
  assert.match(group.whyNoneLives(), /removed/);
});

test("RankGroup.hasBeenUp tells a start from an outage", () => {
  const table = new RankTable([{ index: 0, url: "http://a:1" }]);
  const group = new RankGroup(table, "both", policyOptions("round_robin"));
  assert.equal(group.hasBeenUp, false);
  table.note(0, { kind: "ready" }, 1);
  table.note(0, { kind: "unreachable", reason: "x" }, 1);
  assert.deepEqual([group.livingCount, group.hasBeenUp], [0, true]);
});

test("RankGroup.whyNoneLives() names ranks by role and index, up to its limit", () => {
  const table = apart();
  table.note(0, { kind: "unreachable", reason: "ECONNREFUSED" }, 1);
  assert.equal(
    new RankGroup(table, "prefill", policyOptions("round_robin")).whyNoneLives(),
    "prefill rank 0 is down (ECONNREFUSED), prefill rank 1 is up",
  );
  const many = Array.from({ length: 20 }, (_, index) => ({ index, url: `http://a:${index + 1}` }));
  const group = new RankGroup(new RankTable(many), "both", policyOptions("round_robin"));
  assert.match(group.whyNoneLives(), /, rank 7 is starting \(not reached yet\) and 12 more$/);
});

test("TriedRanks doubts a rank until it has been found ready anew", () => {
  const table = apart();
  const tried = new TriedRanks(table);
  assert.deepEqual(tried.doubted, []);
  tried.add(2);
  tried.add(3);
  table.note(2, { kind: "unreachable", reason: "x" }, 1);
  assert.deepEqual(tried.doubted, [2, 3]);
  table.note(2, { kind: "ready" }, 1);
  assert.deepEqual(tried.doubted, [3]);
});
