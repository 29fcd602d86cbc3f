import { goneSlot, type SessionBatch } from "./session-batch.ts";
import * as layout from "./session-memory.ts";
import type { SessionMemory } from "./session-memory.ts";

/**
 * The latest changes of a session table, for one who takes them from time to time. Nobody waits for it: where it does
 * not come in time, changes are lost and counted, and it has to look at all sessions once. Used under the table's lock.
 */
export class SessionChanges {
  readonly #memory: SessionMemory;
  readonly #changesMask: number;
  readonly #changesMax: number;

  constructor(memory: SessionMemory, changesMax: number) {
    this.#memory = memory;
    this.#changesMax = changesMax;
    this.#changesMask = changesMax - 1;
  }

  /** The session at this word is where it says. */
  note(at: number): void {
    this.#note(at, this.#memory.words[at + layout.slotWord]!);
  }

  noteGone(at: number): void {
    this.#note(at, goneSlot);
  }

  /** Moves the oldest changes into the batch, as many as go in. Gives how many were lost since the last call. */
  take(batch: SessionBatch): number {
    const { words, doubles, changesAt } = this.#memory;
    const count = Math.min(batch.capacity, this.#count);
    for (let index = 0; index < count; index++) {
      const number = (words[layout.takenAt]! + index) & this.#changesMask;
      const from = changesAt + number * layout.changeWords;
      batch.ids[2 * index] = words[from + layout.highWord]!;
      batch.ids[2 * index + 1] = words[from + layout.lowWord]!;
      batch.slots[index] = words[from + layout.slotWord]!;
      batch.usedMs[index] = doubles[(from + layout.changeUsedWord) >> 1]!;
    }
    batch.count = count;
    words[layout.takenAt]! += count;
    const lost = words[layout.lostAt]! >>> 0;
    words[layout.lostAt] = 0;
    return lost;
  }

  /** Forgets all. */
  clear(): void {
    const { words } = this.#memory;
    words[layout.takenAt] = words[layout.notedAt]!;
    words[layout.lostAt] = 0;
  }

  get #count(): number {
    const { words } = this.#memory;
    return (words[layout.notedAt]! - words[layout.takenAt]!) | 0;
  }

  #note(at: number, slot: number): void {
    if (this.#changesMax === 0) return;
    const { words, doubles, changesAt } = this.#memory;
    if (this.#count === this.#changesMax) {
      words[layout.lostAt]! += 1;
      return;
    }
    const number = words[layout.notedAt]! & this.#changesMask;
    const to = changesAt + number * layout.changeWords;
    words[to + layout.highWord] = words[at + layout.highWord]!;
    words[to + layout.lowWord] = words[at + layout.lowWord]!;
    words[to + layout.slotWord] = slot;
    doubles[(to + layout.changeUsedWord) >> 1] = doubles[(at + layout.usedWord) >> 1]!;
    words[layout.notedAt]! += 1;
  }
}
