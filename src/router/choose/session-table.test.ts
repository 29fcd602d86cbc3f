import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { goneSlot, SessionBatch } from "./session-batch.ts";
import { murmurHash3 } from "./murmur-hash.ts";
import { SessionTable } from "./session-table.ts";

function table(
  options: {
    readonly sessionsMax?: number;
    readonly idleMs?: number;
    readonly changesMax?: number;
  } = {},
) {
  const { sessionsMax = 100, idleMs = 1_000, changesMax } = options;
  return new SessionTable({ rankCount: 3, sessionsMax, sessionIdleMsMax: idleMs, changesMax });
}

test("SessionTable remembers where sessions are and how many are at each rank", () => {
  const sessions = table();
  sessions.place("a", 1, 0);
  sessions.place("b", 1, 0);
  sessions.place("a", 2, 0);
  sessions.place("a", 2, 0);
  assert.deepEqual([sessions.slotOf("a", 0), sessions.slotOf("b", 0)], [2, 1]);
  assert.equal(sessions.slotOf("c", 0), -1);
  assert.deepEqual([...sessions.counts], [0, 1, 1]);
});

test("SessionTable.finish() forgets a session", () => {
  const sessions = table();
  sessions.place("a", 1, 0);
  assert.equal(sessions.finish("b"), false);
  assert.equal(sessions.finish("a"), true);
  assert.equal(sessions.finish("a"), false);
  assert.equal(sessions.slotOf("a", 0), -1);
  assert.deepEqual([[...sessions.counts], sessions.size], [[0, 0, 0], 0]);
});

test("SessionTable forgets sessions once they were not used for longer than sessionIdleMsMax", () => {
  const sessions = table({ idleMs: 10 });
  sessions.place("a", 0, 0);
  sessions.place("b", 1, 5);
  assert.equal(sessions.slotOf("a", 10), 0);
  assert.equal(sessions.slotOf("a", 11), -1);
  sessions.expire(11);
  assert.deepEqual([[...sessions.counts], sessions.slotOf("b", 11)], [[0, 1, 0], 1]);
  sessions.place("b", 1, 15);
  sessions.expire(25);
  assert.equal(sessions.size, 1);
});

test("SessionTable.expire() drops few in one call and comes to all of them", () => {
  const sessions = table({ idleMs: 10 });
  for (let number = 0; number < 50; number++) sessions.place(String(number), 0, 0);
  sessions.expire(100);
  assert.ok(sessions.size > 40 && sessions.size < 50, String(sessions.size));
  for (let count = 0; count < 50; count++) sessions.expire(100);
  assert.equal(sessions.size, 0);
});

test("SessionTable drops the session that was not used for longest where sessionsMax are there", () => {
  const sessions = table({ sessionsMax: 2 });
  sessions.place("a", 0, 0);
  sessions.place("b", 1, 0);
  sessions.place("a", 0, 0);
  sessions.place("c", 2, 0);
  assert.deepEqual(
    ["a", "b", "c"].map((key) => sessions.slotOf(key, 0)),
    [0, -1, 2],
  );
  assert.deepEqual([...sessions.counts], [1, 0, 1]);
});

test("SessionTable tells keys apart that differ in one byte or are long", () => {
  const sessions = table({ sessionsMax: 10_000 });
  const long = "x".repeat(65_000);
  const keys = Array.from({ length: 3_000 }, (_, number) => `${number % 2 ? long : ""}${number}`);
  for (const [number, key] of keys.entries()) sessions.place(key, number % 3, 0);
  assert.equal(sessions.size, 3_000);
  for (const [number, key] of keys.entries()) assert.equal(sessions.slotOf(key, 0), number % 3);
});

test("SessionTable.settle() gives the picker where the session is, and places it where it says", () => {
  const sessions = table({ idleMs: 10 });
  const homes: number[] = [];
  const settle = (slot: number, nowMs: number) =>
    sessions.settle("a", nowMs, (home, hash) => {
      homes.push(home);
      assert.equal(hash, murmurHash3("a"));
      return slot;
    });
  assert.equal(settle(-1, 0), -1);
  assert.equal(sessions.size, 0);
  assert.deepEqual([settle(2, 0), settle(1, 10), settle(0, 21)], [2, 1, 0]);
  assert.deepEqual(homes, [-1, -1, 2, -1]);
  assert.deepEqual([...sessions.counts], [1, 0, 0]);
  assert.throws(() => sessions.settle("a", 0, () => assert.fail("no")), /no/);
  assert.equal(sessions.slotOf("a", 21), 0, "The lock is free again");
});

test("SessionTable.forgetSlot() forgets the sessions of one slot", () => {
  const sessions = table();
  for (const [key, slot] of [
    ["a", 1],
    ["b", 2],
    ["c", 1],
  ] as const)
    sessions.place(key, slot, 0);
  sessions.forgetSlot(1);
  assert.deepEqual([sessions.slotOf("a", 0), sessions.slotOf("b", 0)], [-1, 2]);
  assert.deepEqual([...sessions.counts], [0, 0, 1]);
});

test("SessionTable tells placements, moves, finishes and uses after a sixteenth of the idle time", () => {
  const sessions = table({ idleMs: 160, changesMax: 8 });
  const batch = new SessionBatch(3);
  sessions.place("a", 1, 0);
  sessions.place("a", 1, 10);
  sessions.place("a", 1, 11);
  sessions.place("a", 2, 12);
  sessions.finish("a");
  assert.equal(sessions.takeChanges(batch), 0);
  assert.deepEqual(
    [[...batch.slots], [...batch.usedMs]],
    [
      [1, 1, 2],
      [0, 11, 12],
    ],
  );
  sessions.takeChanges(batch);
  assert.deepEqual([batch.count, batch.slots[0]], [1, goneSlot]);
  sessions.takeChanges(batch);
  assert.equal(batch.count, 0);
});

test("SessionTable counts the changes that nobody took in time", () => {
  const sessions = table({ changesMax: 4 });
  const batch = new SessionBatch(10);
  for (let number = 0; number < 7; number++) sessions.place(String(number), 0, number);
  assert.equal(sessions.takeChanges(batch), 3);
  assert.deepEqual([...batch.usedMs.subarray(0, batch.count)], [0, 1, 2, 3]);
  sessions.place("x", 0, 9);
  assert.equal(sessions.takeChanges(batch), 0);
  assert.deepEqual([batch.count, batch.usedMs[0]], [1, 9]);
});

test("SessionTable.restore() brings back what readSome() gave, with its uses", () => {
  const before = table({ idleMs: 100 });
  for (let number = 0; number < 20; number++) before.place(`${number}`, number % 3, number);
  before.finish("7");
  const after = table({ idleMs: 100, changesMax: 8 });
  const batch = new SessionBatch(6);
  const places: number[] = [];
  let from = 0;
  do {
    from = before.readSome(batch, from);
    after.restore(batch);
    places.push(from);
  } while (from !== 0);
  assert.equal(places.length, 4);
  assert.deepEqual([...after.counts], [...before.counts]);
  assert.deepEqual([after.slotOf("19", 119), after.slotOf("18", 119)], [1, -1]);
  after.takeChanges(batch);
  assert.equal(batch.count, 0);
});

test("SessionTable shares its sessions with a table in the same memory", () => {
  const [options, key] = [
    { rankCount: 3, sessionsMax: 5, sessionIdleMsMax: 9, bucketSeed: 8 },
    "a",
  ];
  const one = new SessionTable(options);
  one.place(key, 2, 0);
  const other = new SessionTable({ ...options, bucketSeed: 9, memory: one.memory });
  assert.deepEqual([other.slotOf(key, 0), other.size, other.counts[2]], [2, 1, 1]);
  other.finish(key);
  assert.deepEqual([one.slotOf(key, 0), one.size, one.counts[2]], [-1, 0, 0]);
  assert.throws(() => new SessionTable({ ...options, sessionsMax: 500, memory: one.memory }));
});

test("SessionTable does what a list of sessions in the order of their use does", () => {
  const anyStep = fc.record({
    kind: fc.constantFrom("place", "settle", "finish", "expire", "forget"),
    key: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    slot: fc.nat({ max: 2 }),
    waitMs: fc.nat({ max: 6 }),
  });
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const sessions = table({ sessionsMax: 4, idleMs: 10, changesMax: 16 });
      const changes = new SessionBatch(16);
      const told = new Map<string, number>();
      let model: { key: string; slot: number; usedMs: number }[] = [];
      let nowMs = 0;
      for (const { kind, key, slot, waitMs } of steps) {
        nowMs += waitMs;
        const others = model.filter((one) => one.key !== key);
        if (kind === "place") {
          sessions.place(key, slot, nowMs);
          model = [...others, { key, slot, usedMs: nowMs }].slice(-4);
        } else if (kind === "finish") {
          assert.equal(sessions.finish(key), others.length < model.length);
          model = others;
        } else if (kind === "forget") {
          sessions.forgetSlot(slot);
          model = model.filter((one) => one.slot !== slot);
        } else {
          if (kind === "expire") sessions.expire(nowMs);
          model = model.filter(({ usedMs }) => nowMs - usedMs <= 10);
          if (kind === "settle") {
            const home = model.find((one) => one.key === key)?.slot ?? slot;
            const pick = (at: number) => (at === -1 ? slot : at);
            assert.equal(sessions.settle(key, nowMs, pick), home);
            model = [...model.filter((one) => one.key !== key), { key, slot: home, usedMs: nowMs }];
            model = model.slice(-4);
          }
        }
        assert.equal(sessions.takeChanges(changes), 0);
        replay(changes, told);
        const byNumber = (a: number, b: number) => a - b;
        assert.deepEqual(
          [...told.values()].sort(byNumber),
          model.map((one) => one.slot).sort(byNumber),
        );
        assert.equal(sessions.size, model.length);
        const counts = [0, 1, 2].map((at) => model.filter((one) => one.slot === at).length);
        assert.deepEqual([...sessions.counts], counts);
        for (const { key: there, slot: at, usedMs } of model) {
          assert.equal(sessions.slotOf(there, nowMs), nowMs - usedMs > 10 ? -1 : at);
        }
      }
    }),
  );
});

/** Does to the map, from ids to slots, what the changes say. */
function replay({ count, ids, slots }: SessionBatch, map: Map<string, number>): void {
  for (let index = 0; index < count; index++) {
    const id = `${ids[2 * index]} ${ids[2 * index + 1]}`;
    if (slots[index] === goneSlot) map.delete(id);
    else map.set(id, slots[index]!);
  }
}
