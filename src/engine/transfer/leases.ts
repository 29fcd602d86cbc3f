import assert from "node:assert/strict";

/** The blocks of a finished request, held for the engine that will go on with it. */
export interface Lease {
  readonly requestId: string;
  readonly blockIds: Int32Array;
  readonly tokensDigest: string;
}

export type LeaseEnd = "released" | "expired" | "closed";

export interface LeasesOptions {
  readonly durationMs: number;
  /** Called once a lease, when nobody reads its blocks any more. */
  readonly onEnd: (requestId: string, end: LeaseEnd) => void;
}

interface Held {
  readonly lease: Lease;
  readonly timer: NodeJS.Timeout;
  /** Pulls that read its blocks now. */
  pinCount: number;
  /** Set when it is to end as soon as nobody reads. */
  end: LeaseEnd | null;
}

/**
 * Which blocks may be read by whom, and until when. A lease ends once: by its release, by its time, or when the engine
 * closes; never while a pull reads.
 */
export class Leases {
  readonly #options: LeasesOptions;
  readonly #held = new Map<string, Held>();

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#held.size;
  }

  grant(lease: Lease): void {
    const { requestId } = lease;
    assert(!this.#held.has(requestId), "A lease is granted twice");
    const timer = setTimeout(() => this.#end(requestId, "expired"), this.#options.durationMs);
    this.#held.set(requestId, { lease, timer, pinCount: 0, end: null });
  }

  /** Keeps a lease from ending until unpin(); undefined when it has ended, is about to, or never was. */
  pin(requestId: string): Lease | undefined {
    const held = this.#held.get(requestId);
    if (held === undefined || held.end !== null) return undefined;
    held.pinCount += 1;
    return held.lease;
  }

  unpin(requestId: string): void {
    const held = this.#held.get(requestId);
    if (held === undefined) return; // The engine closed in the meantime.
    held.pinCount -= 1;
    assert(held.pinCount >= 0, "A lease is unpinned more often than pinned");
    if (held.pinCount === 0 && held.end !== null) this.#finish(held, held.end);
  }

  /** Unknown ids are ignored: it may have ended by its time. */
  release(requestId: string): void {
    this.#end(requestId, "released");
  }

  /** Ends all, also those that are read: their connections are gone by now. */
  close(): void {
    for (const held of this.#held.values()) this.#finish(held, "closed");
  }

  #end(requestId: string, end: LeaseEnd): void {
    const held = this.#held.get(requestId);
    if (held === undefined) return;
    held.end ??= end;
    if (held.pinCount === 0) this.#finish(held, held.end);
  }

  #finish({ lease, timer }: Held, end: LeaseEnd): void {
    clearTimeout(timer);
    this.#held.delete(lease.requestId);
    this.#options.onEnd(lease.requestId, end);
  }
}
