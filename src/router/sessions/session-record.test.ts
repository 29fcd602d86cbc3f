import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { goneSlot, SessionBatch } from "../choose/session-batch.ts";
import { ranks } from "../test-support/session-files.ts";
import { encodeFrame, fileHeader, frameRecordsMax, replay } from "./session-record.ts";

interface Change {
  readonly id: readonly [number, number];
  readonly slot: number;
  readonly usedMs: number;
}

function frameOf(changes: readonly Change[], behindMs = 0): Buffer {
  const batch = new SessionBatch(Math.max(1, changes.length));
  batch.count = changes.length;
  for (const [index, { id, slot, usedMs }] of changes.entries()) {
    batch.ids.set(id, 2 * index);
    batch.slots[index] = slot;
    batch.usedMs[index] = usedMs;
  }
  return encodeFrame(batch, ranks, behindMs);
}

/** What a map says after these changes, as replay() gives it. */
function stateAfter(frames: readonly (readonly Change[])[]) {
  const state = new Map<string, readonly [number, number]>();
  for (const { id, slot, usedMs } of frames.flat()) {
    if (slot === goneSlot) state.delete(id.join(" "));
    else state.set(id.join(" "), [slot + 100, usedMs + 0]);
  }
  return sorted(state);
}

function stateOf(bytes: Buffer) {
  const words = new Int32Array(2);
  const state = new Map<string, readonly [number, number]>();
  for (const { id, rank, usedMs } of replay(bytes).sessions.values()) {
    new BigInt64Array(words.buffer)[0] = id;
    state.set(words.join(" "), [rank, usedMs]);
  }
  return sorted(state);
}

function sorted(state: ReadonlyMap<string, readonly [number, number]>) {
  return [...state].sort(([a], [b]) => (a < b ? -1 : 1));
}

const anyChange: fc.Arbitrary<Change> = fc.record({
  id: fc.tuple(fc.constantFrom(-1, 0, 7), fc.constantFrom(-(2 ** 31), 5)),
  slot: fc.integer({ min: goneSlot, max: 6 }),
  usedMs: fc.double({ noNaN: true }),
});
const anyHistory = fc.array(fc.array(anyChange, { minLength: 1, maxLength: 5 }), { maxLength: 6 });

test("replay() gives what was encoded, with times of the wall and indexes of ranks", () => {
  const frame = frameOf([{ id: [1, -2], slot: 3, usedMs: 40.5 }], 1_000);
  const { sessions, wholeBytes } = replay(Buffer.concat([fileHeader, frame]));
  const [session] = [...sessions.values()];
  assert.deepEqual([session!.rank, session!.usedMs], [103, 1_040.5]);
  assert.equal(wholeBytes, fileHeader.length + frame.length);
});

test("replay() of any beginning of a file is the history up to a frame", () => {
  fc.assert(
    fc.property(anyHistory, fc.nat(), (history, cut) => {
      const frames = history.map((changes) => frameOf(changes));
      const whole = Buffer.concat([fileHeader, ...frames]);
      const bytes = whole.subarray(0, cut % (whole.length + 1));
      let end = fileHeader.length;
      const count = frames.findIndex((frame) => (end += frame.length) > bytes.length);
      assert.deepEqual(
        stateOf(bytes),
        stateAfter(count === -1 ? history : history.slice(0, count)),
      );
    }),
  );
});

test("replay() of a damaged file is the history up to the damage", () => {
  fc.assert(
    fc.property(anyHistory, fc.nat(), fc.integer({ min: 1, max: 255 }), (history, at, flipped) => {
      const frames = history.map((changes) => frameOf(changes));
      const bytes = Buffer.concat([fileHeader, ...frames]);
      const place = at % bytes.length;
      bytes[place]! ^= flipped;
      let end = fileHeader.length;
      const hit = frames.findIndex((frame) => (end += frame.length) > place);
      const kept = place < fileHeader.length ? 0 : hit;
      assert.deepEqual(stateOf(bytes), stateAfter(history.slice(0, kept)));
    }),
  );
});

test("replay() stops at zeros, at frames that are too long, and at what is none of its files", () => {
  const frame = frameOf([{ id: [1, 2], slot: 0, usedMs: 0 }]);
  const good = Buffer.concat([fileHeader, frame]);
  assert.equal(replay(Buffer.concat([good, Buffer.alloc(100)])).wholeBytes, good.length);
  const long = frameOf(
    Array.from({ length: frameRecordsMax + 1 }, () => ({
      id: [1, 2] as const,
      slot: 1,
      usedMs: 0,
    })),
  );
  assert.equal(replay(Buffer.concat([good, long])).wholeBytes, good.length);
  const later = Buffer.from(good);
  later[12] = 2;
  for (const bytes of [Buffer.alloc(0), fileHeader.subarray(1), frame, later]) {
    assert.deepEqual([replay(bytes).wholeBytes, replay(bytes).sessions.size], [0, 0]);
  }
});
