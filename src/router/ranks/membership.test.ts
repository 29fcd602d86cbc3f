import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createLogger } from "../../telemetry/mod.ts";
import { policyOptions } from "../test-support/policy-options.ts";
import { TimerClock } from "../test-support/timer-clock.ts";
import { Lease } from "./lease.ts";
import { Membership } from "./membership.ts";
import { RankGroup } from "./rank-group.ts";
import { RankMemory } from "./rank-memory.ts";
import { RankTable } from "./rank-table.ts";

const rankLeaveMsMax = 10_000;

function setUp(ranksMax = 4) {
  const clock = new TimerClock();
  const logger = createLogger({ name: "router", format: "json", write: () => undefined });
  const ranks = [0, 1].map((index) => ({ index, url: `http://a:${index + 1}` }));
  const table = new RankTable(ranks, new RankMemory(ranksMax));
  const membership = new Membership(table, { clock, logger, rankLeaveMsMax });
  for (const slot of table.slots()) table.note(slot, { kind: "ready" }, 1);
  return { clock, table, membership };
}

const url = "http://b:1";

test("Membership.remove() waits for the requests of the rank, which takes no new ones", () => {
  const { clock, table, membership } = setUp();
  const group = new RankGroup(table, "both", policyOptions("round_robin"));
  const lease = new Lease(table, 1);
  membership.remove(1);
  membership.remove(1);
  for (let count = 0; count < 5; count++) assert.equal(group.choose(undefined, []), 0);
  assert.equal(table.status()[1]?.state, "draining");
  clock.pass(rankLeaveMsMax - 1);
  assert.equal(table.isTaken(1), true);
  lease.release();
  clock.pass(200);
  assert.equal(table.isTaken(1), false);
  assert.equal(clock.timerCount, 0);
});

test("Membership.remove() takes a rank out at once where it shall, also one that leaves already", () => {
  const { clock, table, membership } = setUp();
  const leases = [new Lease(table, 0), new Lease(table, 1)];
  membership.remove(0, { isAtOnce: true });
  assert.equal(table.isTaken(0), false);
  membership.remove(1);
  assert.equal(table.isTaken(1), true);
  membership.remove(1, { isAtOnce: true });
  assert.equal(table.isTaken(1), false);
  assert.equal(clock.timerCount, 0);
  for (const lease of leases) lease.release();
});

test("Membership.remove() ends the requests that a rank still has after its time", () => {
  const { clock, table, membership } = setUp();
  const lease = new Lease(table, 1);
  const losses: string[] = [];
  table.tenants[1]!.add({
    seat: -1,
    onRankDown: () => losses.push("down"),
    onRankLost: (reason) => {
      losses.push(reason);
      lease.release();
    },
  });
  membership.remove(1);
  clock.pass(rankLeaveMsMax - 1);
  assert.deepEqual(losses, []);
  clock.pass(100);
  assert.deepEqual(losses, ["it was removed"]);
  assert.equal(table.isTaken(1), false);
});

test("Membership.remove() of an idle rank takes it out at once, and drain() leaves it in", () => {
  const { clock, table, membership } = setUp();
  membership.remove(1);
  assert.equal(table.isTaken(1), false);
  membership.drain(0);
  clock.pass(10 * rankLeaveMsMax);
  assert.equal(table.status()[0]?.state, "draining");
  membership.remove(0);
  assert.equal(table.isTaken(0), false);
});

test("Membership.add() gives an empty slot to another rank after a while, and only once nothing is in flight there", () => {
  const { clock, table, membership } = setUp(3);
  const late = new Lease(table, 1); // Another thread's, which has not heard yet.
  membership.remove(1);
  clock.pass(rankLeaveMsMax + 100);
  assert.equal(table.isTaken(1), false);
  assert.equal(membership.add({ index: 2, url }), 2);
  assert.throws(() => membership.add({ index: 3, url }), { code: "ROUTER_RANK_NOT_ADDED" });
  clock.pass(60_000);
  assert.throws(() => membership.add({ index: 3, url }), { code: "ROUTER_RANK_NOT_ADDED" });
  late.release();
  assert.equal(membership.add({ index: 3, url }), 1);
  assert.equal(table.status()[1]?.index, 3);
});

test("Membership.add() leaves a slot empty for a while, and takes the one that is empty for longest", () => {
  const { clock, table, membership } = setUp(3);
  membership.remove(1);
  assert.equal(membership.add({ index: 2, url }), 2);
  clock.pass(30_000);
  membership.remove(2);
  clock.pass(29_999);
  assert.throws(() => membership.add({ index: 3, url }), { code: "ROUTER_RANK_NOT_ADDED" });
  clock.pass(1);
  assert.equal(membership.add({ index: 3, url }), 1);
  assert.throws(() => membership.add({ index: 4, url }), { code: "ROUTER_RANK_NOT_ADDED" });
  clock.pass(30_000);
  assert.equal(membership.add({ index: 4, url }), 2);
  assert.equal(table.count, 3);
});

test("Membership.slotOf() finds a rank by its index, rather its successor than one that drains", () => {
  const { membership } = setUp();
  assert.deepEqual([membership.slotOf(1), membership.slotOf(9)], [1, -1]);
  membership.drain(1);
  assert.equal(membership.slotOf(1), 1);
  const slot = membership.add({ index: 1, url });
  assert.equal(membership.slotOf(1), slot);
});

test("Membership never gives a slot to two ranks or one with requests, and loses no rank before its time", () => {
  const anyStep = fc.record({
    kind: fc.constantFrom("add", "drain", "remove", "begin", "end", "pass"),
    which: fc.nat(),
    passMs: fc.constantFrom(50, 500, rankLeaveMsMax, 70_000),
  });
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 80 }), (steps) => {
      const { clock, table, membership } = setUp(6);
      const leases: Lease[] = [];
      let nextIndex = 2;
      table.watchers.add({
        onRankAdded: (slot) => assert.equal(table.inFlight[slot], 0),
        onRankRemoved: (slot) => assert.equal(table.isDraining(slot), true),
      });
      for (const { kind, which, passMs } of steps) {
        const slots = [...table.slots()];
        const slot = slots[which % slots.length];
        if (kind === "pass") clock.pass(passMs);
        else if (kind === "end") leases.splice(which % (leases.length || 1), 1)[0]?.release();
        else if (kind === "add") {
          try {
            membership.add({ index: nextIndex++, url });
          } catch (error) {
            assert.equal((error as { code?: string }).code, "ROUTER_RANK_NOT_ADDED");
          }
        } else if (slot !== undefined) {
          if (kind === "drain") membership.drain(slot);
          else if (kind === "remove") membership.remove(slot);
          else leases.push(new Lease(table, slot));
        }
        const indexes = table.status().map(({ index }) => index);
        assert.equal(new Set(indexes).size, indexes.length);
      }
      for (const lease of leases) lease.release();
      assert.ok(table.inFlight.every((count) => count === 0));
    }),
  );
});
