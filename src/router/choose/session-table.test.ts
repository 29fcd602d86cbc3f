import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { SessionTable } from "./session-table.ts";

function table(options: { readonly sessionsMax?: number; readonly idleMs?: number } = {}) {
  const { sessionsMax = 100, idleMs = 1_000 } = options;
  return new SessionTable({ rankCount: 3, sessionsMax, sessionIdleMsMax: idleMs });
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

test("SessionTable does what a list of sessions in the order of their use does", () => {
  const anyStep = fc.record({
    kind: fc.constantFrom("place", "finish", "expire"),
    key: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    slot: fc.nat({ max: 2 }),
    waitMs: fc.nat({ max: 6 }),
  });
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const sessions = table({ sessionsMax: 4, idleMs: 10 });
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
        } else {
          sessions.expire(nowMs);
          model = model.filter(({ usedMs }) => nowMs - usedMs <= 10);
        }
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
