import { murmurHash3 } from "./murmur-hash.ts";

export interface SessionTableOptions {
  readonly rankCount: number;
  readonly sessionsMax: number;
  readonly sessionIdleMsMax: number;
}

/**
 * Where each session is, and how many are on each rank. Sessions leave it when they are finished, when they were not
 * used for too long, and, where it is full, when they were not used for longest. A session takes the same memory
 * however long its key is, about 140 bytes: of the key only a number is kept.
 */
export class SessionTable {
  /** Sessions by slot. */
  readonly counts: Uint32Array;
  readonly #options: SessionTableOptions;
  readonly #sessions = new Map<number, Session>();
  /** Closes the ring of sessions in the order of their last use: behind it the oldest, before it the newest. */
  readonly #end: Session;

  constructor(options: SessionTableOptions) {
    this.#options = options;
    this.counts = new Uint32Array(options.rankCount);
    this.#end = new Session(Number.NaN);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The session's slot, or -1 when it has none or was not used for too long. */
  slotOf(sessionKey: string, nowMs: number): number {
    const session = this.#sessions.get(fingerprint(sessionKey));
    return session === undefined || this.#isExpired(session, nowMs) ? -1 : session.slot;
  }

  /** Notes a use of the session at this slot, wherever it was before. */
  place(sessionKey: string, slot: number, nowMs: number): void {
    const id = fingerprint(sessionKey);
    const session = this.#sessions.get(id) ?? this.#add(id);
    if (session.slot !== slot) {
      if (session.slot !== -1) this.counts[session.slot]! -= 1;
      this.counts[slot]! += 1;
      session.slot = slot;
    }
    session.usedMs = nowMs;
    session.leave();
    session.enterBefore(this.#end);
  }

  /** False when there was none. */
  finish(sessionKey: string): boolean {
    const session = this.#sessions.get(fingerprint(sessionKey));
    if (session !== undefined) this.#drop(session);
    return session !== undefined;
  }

  /**
   * Drops sessions that were not used for too long, at most a few in one call: when it is called for each request they
   * go at least as fast as new ones come, and no request waits while a hundred thousand go.
   */
  expire(nowMs: number): void {
    for (let count = 0; count < droppedPerCallMax; count++) {
      const oldest = this.#end.after;
      if (oldest === this.#end || !this.#isExpired(oldest, nowMs)) return;
      this.#drop(oldest);
    }
  }

  #isExpired(session: Session, nowMs: number): boolean {
    return nowMs - session.usedMs > this.#options.sessionIdleMsMax;
  }

  #add(id: number): Session {
    if (this.#sessions.size === this.#options.sessionsMax) this.#drop(this.#end.after);
    const session = new Session(id);
    this.#sessions.set(id, session);
    return session;
  }

  #drop(session: Session): void {
    session.leave();
    this.#sessions.delete(session.id);
    this.counts[session.slot]! -= 1;
  }
}

const droppedPerCallMax = 8;

/** A session in the ring of its table; new ones stand in a ring of their own. */
class Session {
  readonly id: number;
  slot = -1;
  usedMs = 0;
  before: Session = this;
  after: Session = this;

  constructor(id: number) {
    this.id = id;
  }

  leave(): void {
    this.before.after = this.after;
    this.after.before = this.before;
  }

  enterBefore(next: Session): void {
    this.before = next.before;
    this.after = next;
    this.before.after = this;
    next.before = this;
  }
}

/**
 * 53 bits of the key, as many as a number holds: among 131,072 sessions two share theirs once in a million times. They
 * would then share a rank, and the end of one would be the end of both; no answer could be wrong.
 */
function fingerprint(sessionKey: string): number {
  const high = murmurHash3(sessionKey);
  const low = murmurHash3(sessionKey, fingerprintSeed) >>> 11;
  return high * 2 ** 21 + low;
}

/** Any number but 0, which the other half has. */
const fingerprintSeed = 0x5bd1e995;
