import assert from "node:assert/strict";

export interface SessionMemorySize {
  /** Slots that a rank may have. */
  readonly slotsMax: number;
  readonly sessionsMax: number;
  /** Changes that are kept for who asks for them: a power of two, or 0. */
  readonly changesMax: number;
}

/**
 * The memory of a session table, which threads may share: a few numbers, the sessions by slot, the first session of each
 * bucket, the sessions, and a ring of changes. 46 bytes a session, which the system gives when it is used.
 *
 * A session is {@linkcode sessionWords} words at `sessionsAt + number * sessionWords`, with numbers from 1: number 0
 * closes the ring of sessions in the order of their last use, and stands for none in a bucket.
 */
export class SessionMemory {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array<SharedArrayBuffer>;
  /** The same memory; the index of a number is half of that of its first word. */
  readonly doubles: Float64Array<SharedArrayBuffer>;
  readonly counts: Uint32Array<SharedArrayBuffer>;
  readonly bucketMask: number;
  readonly bucketsAt: number;
  readonly sessionsAt: number;
  readonly changesAt: number;

  /** Memory of that size, or what another thread made of it. */
  constructor(
    { slotsMax, sessionsMax, changesMax }: SessionMemorySize,
    shared?: SharedArrayBuffer,
  ) {
    assert((changesMax & (changesMax - 1)) === 0, "changesMax is no power of two");
    const bucketCount = 2 ** Math.ceil(Math.log2(sessionsMax + 1));
    this.bucketMask = bucketCount - 1;
    this.bucketsAt = even(headerWords + slotsMax);
    this.sessionsAt = even(this.bucketsAt + bucketCount);
    this.changesAt = this.sessionsAt + (sessionsMax + 1) * sessionWords;
    const byteLength = 4 * (this.changesAt + changesMax * changeWords);
    assert(shared === undefined || shared.byteLength === byteLength, "Sizes differ");
    this.buffer = shared ?? new SharedArrayBuffer(byteLength);
    this.words = new Int32Array(this.buffer);
    this.doubles = new Float64Array(this.buffer, 0, byteLength >> 3);
    this.counts = new Uint32Array(this.buffer, 4 * headerWords, slotsMax);
  }
}

/** Words of the header, by index. */
export const lockAt = 0;
export const sizeAt = 1;
/** The first of the sessions that left, linked by their {@linkcode nextWord}; 0 where all are there. */
export const leftAt = 2;
/** Sessions that were ever there, which is the highest number in use. */
export const everAt = 3;
/** Changes that were ever noted, taken, and lost for want of room; each wraps around. */
export const notedAt = 4;
export const takenAt = 5;
export const lostAt = 6;
/** Keeps clients from choosing the bucket that their sessions are in. */
export const bucketSeedAt = 7;
const headerWords = 8;

/** Words of a session. */
export const highWord = 0;
export const lowWord = 1;
/** -1 in sessions that left. */
export const slotWord = 2;
/** In its bucket. */
export const nextWord = 3;
/** In the ring. */
export const beforeWord = 4;
export const afterWord = 5;
/** Milliseconds; two words. */
export const usedWord = 6;
/** The last use that is among the changes; two words. */
export const notedWord = 8;
export const sessionWords = 10;

/** A change is the first three words of a session, one of padding and the time of the last use. */
export const changeUsedWord = 4;
export const changeWords = 6;

/** Doubles begin at even words. */
function even(count: number): number {
  return count + (count % 2);
}
