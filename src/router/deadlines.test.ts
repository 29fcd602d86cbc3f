import assert from "node:assert/strict";
import { test } from "node:test";
import { Deadlines, type Expirable } from "./deadlines.ts";

test("Deadlines.tick() calls what is due, and again until it is moved or forgotten", () => {
  let nowMs = 0;
  const deadlines = new Deadlines(1_000_000, () => nowMs);
  const calls: string[] = [];
  const item = (name: string, deadlineMs: number): Expirable & { deadlineMs: number } => ({
    deadlineMs,
    onDeadline: () => void calls.push(name),
  });
  const first = item("first", 10);
  const never = item("never", Infinity);
  deadlines.watch(first);
  deadlines.watch(never);
  nowMs = 9;
  deadlines.tick();
  assert.deepEqual(calls, []);
  nowMs = 10;
  deadlines.tick();
  deadlines.tick();
  assert.deepEqual(calls, ["first", "first"]);
  first.deadlineMs = 11;
  deadlines.tick();
  deadlines.forget(first);
  nowMs = 12;
  deadlines.tick();
  assert.deepEqual(calls, ["first", "first"]);
  assert.equal(deadlines.nowMs, 12);
  deadlines.close();
});

test("Deadlines takes items that forget themselves and others while it walks", () => {
  const deadlines = new Deadlines(1_000_000, () => 5);
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
