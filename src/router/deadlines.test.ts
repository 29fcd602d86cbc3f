import assert from "node:assert/strict";
import { test } from "node:test";
import { Deadlines, type Expirable } from "./deadlines.ts";
import { ManualClock } from "./test-support/manual-clock.ts";

test("Deadlines.tick() calls what is due, and again until it is moved or forgotten", () => {
  const clock = new ManualClock();
  const deadlines = new Deadlines(1_000_000, clock);
  const calls: string[] = [];
  const item = (name: string, deadlineMs: number): Expirable & { deadlineMs: number } => ({
    deadlineMs,
    onDeadline: () => void calls.push(name),
  });
  const first = item("first", 10);
  const never = item("never", Infinity);
  deadlines.watch(first);
  deadlines.watch(never);
  clock.pass(9);
  deadlines.tick();
  assert.deepEqual(calls, []);
  clock.pass(1);
  deadlines.tick();
  deadlines.tick();
  assert.deepEqual(calls, ["first", "first"]);
  first.deadlineMs = 11;
  deadlines.tick();
  deadlines.forget(first);
  clock.pass(2);
  deadlines.tick();
  assert.deepEqual(calls, ["first", "first"]);
  assert.equal(deadlines.nowMs, 12);
  deadlines.close();
});

test("Deadlines takes items that forget themselves and others while it walks", () => {
  const deadlines = new Deadlines(1_000_000, new ManualClock());
  const calls: string[] = [];
  const second: Expirable = { deadlineMs: 0, onDeadline: () => void calls.push("second") };
  const first: Expirable = {
    deadlineMs: 0,
    onDeadline: () => {
      calls.push("first");
      deadlines.forget(first);
      deadlines.forget(second);
    },
  };
  deadlines.watch(first);
  deadlines.watch(second);
  deadlines.tick();
  assert.deepEqual(calls, ["first"]);
  deadlines.close();
});

test("Deadlines.nowMs does not count the time for which the router was held", () => {
  const clock = new ManualClock();
  const deadlines = new Deadlines(100, clock);
  let isLate = false;
  const connecting: Expirable = { deadlineMs: 5_000, onDeadline: () => (isLate = true) };
  deadlines.watch(connecting);
  clock.pass(60_000);
  deadlines.tick();
  assert.equal(isLate, false);
  assert.equal(deadlines.nowMs, 500);
  for (let count = 0; count < 45; count++) {
    clock.pass(100);
    deadlines.tick();
  }
  assert.equal(isLate, true);
  deadlines.close();
});
