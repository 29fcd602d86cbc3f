import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { Turns } from "./turns.ts";

test("Turns.take() runs so many at a time, the others in their order, and takes no more than may wait", async () => {
  const turns = new Turns({ openMax: 2, waitingMax: 2 });
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const take = (id: number) =>
    turns.take(() => {
      begun.push(id);
      return new Promise((resolve) => ends.push(resolve));
    });
  assert.deepEqual([1, 2, 3, 4, 5].map(take), [true, true, true, true, false]);
  assert.deepEqual(begun, [1, 2]);
  for (const wanted of [
    [1, 2, 3],
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ]) {
    ends.shift()!();
    await turnOfEventLoop();
    assert.deepEqual(begun, wanted);
  }
  assert.equal(take(6), true);
  assert.deepEqual(begun, [1, 2, 3, 4, 6]);
});
