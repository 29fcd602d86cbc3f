import assert from "node:assert/strict";
import { test } from "node:test";
import { FreeQueue } from "./free-queue.ts";

test("FreeQueue gives blocks in order, from both ends and the middle", () => {
  const queue = new FreeQueue(4);
  assert.deepEqual([...queue], [0, 1, 2, 3]);
  queue.remove(2);
  assert.equal(queue.shift(), 0);
  queue.pushBack(0);
  queue.pushFront(2);
  assert.deepEqual([...queue], [2, 1, 3, 0]);
  assert.deepEqual([queue.length, queue.has(2)], [4, true]);
});

test("FreeQueue asserts when it is empty and on blocks that are there already or not", () => {
  const queue = new FreeQueue(1);
  assert.throws(() => queue.pushBack(0), /free already/);
  queue.shift();
  assert.throws(() => queue.shift(), /empty/);
  assert.throws(() => queue.remove(0), /not free/);
});
