import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionMemory, sessionWords } from "./session-memory.ts";

test("SessionMemory keeps its parts apart, each in its place, for any size", () => {
  for (const size of [
    { slotsMax: 1, sessionsMax: 1, changesMax: 0 },
    { slotsMax: 3, sessionsMax: 7, changesMax: 4 },
    { slotsMax: 4_096, sessionsMax: 131_072, changesMax: 16_384 },
  ]) {
    const memory = new SessionMemory(size);
    const countsEnd = memory.counts.byteOffset / 4 + memory.counts.length;
    assert.equal(memory.counts.length, size.slotsMax);
    assert.ok(countsEnd <= memory.bucketsAt);
    assert.ok(memory.bucketMask + 1 > size.sessionsMax);
    assert.ok(memory.bucketsAt + memory.bucketMask < memory.sessionsAt);
    assert.equal(memory.sessionsAt % 2, 0);
    assert.equal(memory.changesAt, memory.sessionsAt + (size.sessionsMax + 1) * sessionWords);
    assert.equal(memory.words.length, memory.doubles.length * 2);
  }
});

test("SessionMemory takes the memory of another one of its size only", () => {
  const size = { slotsMax: 3, sessionsMax: 7, changesMax: 4 };
  const memory = new SessionMemory(size);
  new SessionMemory(size, memory.buffer).counts[2] = 5;
  assert.equal(memory.counts[2], 5);
  assert.throws(() => new SessionMemory({ ...size, sessionsMax: 99 }, memory.buffer), /differ/);
  assert.throws(() => new SessionMemory({ ...size, changesMax: 5 }), /power of two/);
});
