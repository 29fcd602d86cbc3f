import { murmurHash3, mix } from "./murmur-hash.ts";
import type { SessionBatch } from "./session-batch.ts";
import { SessionChanges } from "./session-changes.ts";
import { SessionLock } from "./session-lock.ts";
import * as layout from "./session-memory.ts";
import { SessionMemory } from "./session-memory.ts";

export interface SessionTableOptions {
  /** Ranks by slot. */
  readonly rankCount: number;
  readonly sessionsMax: number;
  readonly sessionIdleMsMax: number;
  /** Changes that are kept until {@linkcode SessionTable.takeChanges}, a power of two. Default 0: none. */
  readonly changesMax?: number | undefined;
  /** 32 bits that clients do not know. */
  readonly bucketSeed?: number | undefined;
  /** The memory of another thread's table with the same options: the two are one. Their clocks must be one too. */
  readonly memory?: SharedArrayBuffer | undefined;
}

/**
 * Where each session is, and how many are on each rank. Sessions leave it when they are finished, when they were not
 * used for too long, and, where it is full, when they were not used for longest. A session takes the same memory
 * however long its key is: of the key only a number is kept.
 *
 * Threads may share a table. Each method is one piece, before or after those of other threads.
 */
export class SessionTable {
  /** To be given to other threads. */
  readonly memory: SharedArrayBuffer;
  /** Sessions by slot. */
  readonly counts: Uint32Array;
  readonly sessionsMax: number;
  readonly sessionIdleMsMax: number;
  readonly #layout: SessionMemory;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #doubles: Float64Array<SharedArrayBuffer>;
  readonly #lock: SessionLock;
  readonly #changes: SessionChanges;
  /** The word of session 0, the end of the ring: behind it the oldest, before it the newest. */
  readonly #end: number;

  constructor(options: SessionTableOptions) {
    const { rankCount, sessionsMax, changesMax = 0, bucketSeed = 0 } = options;
    const memory = new SessionMemory(
      { slotsMax: rankCount, sessionsMax, changesMax },
      options.memory,
    );
    this.memory = memory.buffer;
    this.counts = memory.counts;
    this.sessionsMax = sessionsMax;
    this.sessionIdleMsMax = options.sessionIdleMsMax;
    this.#layout = memory;
    this.#words = memory.words;
    this.#doubles = memory.doubles;
    this.#lock = new SessionLock(memory.words, layout.lockAt);
    this.#changes = new SessionChanges(memory, changesMax);
    this.#end = memory.sessionsAt;
    if (options.memory !== undefined) return;
    this.#words[layout.bucketSeedAt] = bucketSeed;
    this.#words[this.#end + layout.beforeWord] = this.#end;
    this.#words[this.#end + layout.afterWord] = this.#end;
  }

  get size(): number {
    return Atomics.load(this.#words, layout.sizeAt);
  }

  /** The session's slot, or -1 when it has none or was not used for too long. */
  slotOf(sessionKey: string, nowMs: number): number {
    const high = murmurHash3(sessionKey) | 0;
    const low = murmurHash3(sessionKey, lowSeed) | 0;
    return this.#locked(() => this.#slotAt(this.#find(high, low), nowMs));
  }

  /** Notes a use of the session at this slot, wherever it was before. */
  place(sessionKey: string, slot: number, nowMs: number): void {
    const high = murmurHash3(sessionKey) | 0;
    const low = murmurHash3(sessionKey, lowSeed) | 0;
    this.#locked(() => this.#placeAt(this.#find(high, low) || this.#add(high, low), slot, nowMs));
  }

  /**
   * Places the session at the slot that `pick` gives, unless that is -1, and gives that slot. `pick` gets the slot where the
   * session is, as {@linkcode slotOf} says, and {@linkcode murmurHash3} of its key. No thread changes the table
   * meanwhile, so it must be quick, and it must not use this table but for its counts.
   * Drops sessions as {@linkcode expire} does.
   */
  settle(sessionKey: string, nowMs: number, pick: PickSlot): number {
    const high = murmurHash3(sessionKey);
    const low = murmurHash3(sessionKey, lowSeed) | 0;
    this.#lock.take();
    try {
      this.#expireSome(nowMs);
      const at = this.#find(high | 0, low);
      const slot = pick(this.#slotAt(at, nowMs), high);
      if (slot !== -1) this.#placeAt(at || this.#add(high | 0, low), slot, nowMs);
      return slot;
    } finally {
      this.#lock.release();
    }
  }

  /** False when there was none. */
  finish(sessionKey: string): boolean {
    const high = murmurHash3(sessionKey) | 0;
    const low = murmurHash3(sessionKey, lowSeed) | 0;
    return this.#locked(() => {
      const at = this.#find(high, low);
      if (at !== 0) this.#drop(at);
      return at !== 0;
    });
  }

  /**
   * Drops sessions that were not used for too long, at most a few in one call: when it is called for each request they
   * go at least as fast as new ones come, and no request waits while a hundred thousand go.
   */
  expire(nowMs: number): void {
    this.#locked(() => this.#expireSome(nowMs));
  }

  /** Forgets all sessions of a rank that is gone for good, before another one takes its slot. */
  forgetSlot(slot: number): void {
    this.#locked(() => {
      for (let number = 1; number <= this.#words[layout.everAt]!; number++) {
        const at = this.#end + number * layout.sessionWords;
        if (this.#words[at + layout.slotWord] === slot) this.#drop(at);
      }
    });
  }

  /**
   * Moves the oldest changes into the batch: placements, finishes, and uses as far as needed to know the last use to a
   * sixteenth of sessionIdleMsMax. Gives how many changes nobody will hear of, because there were too many since the last
   * call.
   */
  takeChanges(batch: SessionBatch): number {
    return this.#locked(() => this.#changes.take(batch));
  }

  /**
   * Fills the batch with sessions, in no order: 0 begins, and what it gives is for the next call, or 0 at the end. With all
   * changes since the first call they are all sessions, though the table may change between two calls.
   */
  readSome(batch: SessionBatch, from: number): number {
    return this.#locked(() => {
      const last = this.#words[layout.everAt]!;
      let number = from;
      batch.count = 0;
      while (number < last && batch.count < batch.capacity) {
        const at = this.#end + ++number * layout.sessionWords;
        if (this.#words[at + layout.slotWord] !== -1) this.#copy(at, batch);
      }
      return number >= last ? 0 : number;
    });
  }

  /** Puts sessions in, each used later than all before it. That is no change. */
  restore(batch: SessionBatch): void {
    this.#locked(() => {
      for (let index = 0; index < batch.count; index++) {
        const high = batch.ids[2 * index]!;
        const low = batch.ids[2 * index + 1]!;
        const at = this.#find(high, low) || this.#add(high, low);
        this.#placeAt(at, batch.slots[index]!, batch.usedMs[index]!);
      }
      this.#changes.clear();
    });
  }

  #locked<Result>(piece: () => Result): Result {
    this.#lock.take();
    try {
      return piece();
    } finally {
      this.#lock.release();
    }
  }

  /** The word of a session, or 0. */
  #find(high: number, low: number): number {
    const words = this.#words;
    let at = words[this.#bucketOf(high)]!;
    while (at !== 0 && (words[at] !== high || words[at + layout.lowWord] !== low)) {
      at = words[at + layout.nextWord]!;
    }
    return at;
  }

  #slotAt(at: number, nowMs: number): number {
    return at === 0 || this.#isExpired(at, nowMs) ? -1 : this.#words[at + layout.slotWord]!;
  }

  #isExpired(at: number, nowMs: number): boolean {
    return nowMs - this.#doubles[(at + layout.usedWord) >> 1]! > this.sessionIdleMsMax;
  }

  #bucketOf(high: number): number {
    const { bucketsAt, bucketMask } = this.#layout;
    return bucketsAt + (mix(high ^ this.#words[layout.bucketSeedAt]!) & bucketMask);
  }

  #placeAt(at: number, slot: number, nowMs: number): void {
    const words = this.#words;
    const before = words[at + layout.slotWord]!;
    if (before !== slot) {
      if (before !== -1) this.counts[before]! -= 1;
      this.counts[slot]! += 1;
      words[at + layout.slotWord] = slot;
    }
    this.#doubles[(at + layout.usedWord) >> 1] = nowMs;
    this.#leaveRing(at);
    this.#enterRing(at);
    const notedMs = this.#doubles[(at + layout.notedWord) >> 1]!;
    if (before !== slot || nowMs - notedMs > this.sessionIdleMsMax / notesPerIdleTime) {
      this.#doubles[(at + layout.notedWord) >> 1] = nowMs;
      this.#changes.note(at);
    }
  }

  /** A new session, without a slot yet. */
  #add(high: number, low: number): number {
    const words = this.#words;
    if (words[layout.sizeAt] === this.sessionsMax) this.#drop(words[this.#end + layout.afterWord]!);
    const at = this.#takeRoom();
    const bucket = this.#bucketOf(high);
    words[at + layout.highWord] = high;
    words[at + layout.lowWord] = low;
    words[at + layout.slotWord] = -1;
    words[at + layout.nextWord] = words[bucket]!;
    words[bucket] = at;
    words[layout.sizeAt]! += 1;
    this.#enterRing(at);
    return at;
  }

  #takeRoom(): number {
    const words = this.#words;
    const left = words[layout.leftAt]!;
    if (left === 0) return this.#end + ++words[layout.everAt]! * layout.sessionWords;
    words[layout.leftAt] = words[left + layout.nextWord]!;
    return left;
  }

  #drop(at: number): void {
    const words = this.#words;
    this.#changes.noteGone(at);
    this.counts[words[at + layout.slotWord]!]! -= 1;
    this.#leaveRing(at);
    let link = this.#bucketOf(words[at]!);
    while (words[link] !== at) link = words[link]! + layout.nextWord;
    words[link] = words[at + layout.nextWord]!;
    words[at + layout.slotWord] = -1;
    words[at + layout.nextWord] = words[layout.leftAt]!;
    words[layout.leftAt] = at;
    words[layout.sizeAt]! -= 1;
  }

  #expireSome(nowMs: number): void {
    for (let count = 0; count < droppedPerCallMax; count++) {
      const oldest = this.#words[this.#end + layout.afterWord]!;
      if (oldest === this.#end || !this.#isExpired(oldest, nowMs)) return;
      this.#drop(oldest);
    }
  }

  #leaveRing(at: number): void {
    const words = this.#words;
    const before = words[at + layout.beforeWord]!;
    const after = words[at + layout.afterWord]!;
    words[before + layout.afterWord] = after;
    words[after + layout.beforeWord] = before;
  }

  /** As the newest. */
  #enterRing(at: number): void {
    const words = this.#words;
    const newest = words[this.#end + layout.beforeWord]!;
    words[at + layout.beforeWord] = newest;
    words[at + layout.afterWord] = this.#end;
    words[newest + layout.afterWord] = at;
    words[this.#end + layout.beforeWord] = at;
  }

  #copy(at: number, batch: SessionBatch): void {
    const index = batch.count++;
    batch.ids[2 * index] = this.#words[at]!;
    batch.ids[2 * index + 1] = this.#words[at + layout.lowWord]!;
    batch.slots[index] = this.#words[at + layout.slotWord]!;
    batch.usedMs[index] = this.#doubles[(at + layout.usedWord) >> 1]!;
  }
}

/** The slot for a session at `home`, which is -1 for one without, and with this hash of its key; -1 places it nowhere. */
export type PickSlot = (home: number, hash: number) => number;

const droppedPerCallMax = 8;
const notesPerIdleTime = 16;

/**
 * Of a key 64 bits are kept: among 131,072 sessions two share theirs once in two thousand million times. They would then share a
 * rank, and the end of one would be the end of both; no answer could be wrong. Any seed but 0, which the other half has.
 */
const lowSeed = 0x5bd1e995;
