import assert from "node:assert/strict";
import { test } from "node:test";
import { goneSlot, SessionBatch } from "./session-batch.ts";
import { SessionChanges } from "./session-changes.ts";
import { notedAt, SessionMemory, slotWord, takenAt } from "./session-memory.ts";

function changes(changesMax: number, begun = 0) {
  const memory = new SessionMemory({ slotsMax: 8, sessionsMax: 4, changesMax });
  memory.words[notedAt] = begun;
  memory.words[takenAt] = begun;
  const note = (slot: number) => {
    memory.words[memory.sessionsAt + slotWord] = slot;
    all.note(memory.sessionsAt);
  };
  const take = (capacity: number) => {
    const batch = new SessionBatch(capacity);
    const lostCount = all.take(batch);
    return { slots: [...batch.slots.subarray(0, batch.count)], lostCount };
  };
  const all = new SessionChanges(memory, changesMax);
  return { memory, all, note, take };
}

test("SessionChanges gives changes in their order, in pieces, over the end of its ring and of its counters", () => {
  for (const begun of [0, 2 ** 31 - 3, -3]) {
    const { note, take } = changes(4, begun);
    for (let slot = 0; slot < 7; slot += 1) {
      note(slot);
      if (slot % 2 === 1) assert.deepEqual(take(3), { slots: [slot - 1, slot], lostCount: 0 });
    }
    assert.deepEqual(take(3), { slots: [6], lostCount: 0 });
    assert.deepEqual(take(3), { slots: [], lostCount: 0 });
  }
});

test("SessionChanges keeps the oldest where there are too many, and counts the others once", () => {
  const { all, memory, note, take } = changes(2);
  for (const slot of [1, 2, 3]) note(slot);
  all.noteGone(memory.sessionsAt);
  assert.deepEqual(take(1), { slots: [1], lostCount: 2 });
  all.noteGone(memory.sessionsAt);
  assert.deepEqual(take(3), { slots: [2, goneSlot], lostCount: 0 });
});

test("SessionChanges forgets, and keeps none where nobody wants them", () => {
  const some = changes(2);
  for (const slot of [1, 2, 3]) some.note(slot);
  some.all.clear();
  assert.deepEqual(some.take(3), { slots: [], lostCount: 0 });
  const none = changes(0);
  none.note(1);
  assert.deepEqual(none.take(3), { slots: [], lostCount: 0 });
});
