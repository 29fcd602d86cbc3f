import assert from "node:assert/strict";
import { test } from "node:test";
import { RankMemory } from "./rank-memory.ts";

test("RankMemory is one for all who have its buffer, and each of its numbers has its own place", () => {
  const memory = new RankMemory(3);
  const arraysOf = (of: RankMemory) =>
    Object.values(of).filter((value) => value instanceof Uint32Array);
  const other = new RankMemory(memory.buffer);
  assert.equal(other.ranksMax, 3);
  for (const [index, array] of arraysOf(memory).entries()) array.fill(index + 1);
  for (const [index, array] of arraysOf(other).entries()) {
    assert.deepEqual([...array], [index + 1, index + 1, index + 1]);
  }
  assert.equal(arraysOf(memory).length * 3 * 4, memory.buffer.byteLength);
});

test("RankMemory has room for 4,096 ranks where nothing else is said", () => {
  assert.equal(new RankMemory().ranksMax, 4_096);
});
