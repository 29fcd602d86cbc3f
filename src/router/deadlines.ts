import type { Cancel, Clock } from "./net/clock.ts";

/** Something that must have happened by `deadlineMs` on the clock of its {@linkcode Deadlines}. */
export interface Expirable {
  /** Infinity while nothing is awaited. */
  readonly deadlineMs: number;
  /** Called once the deadline has passed, again at each tick until it is moved or the watch ends. */
  onDeadline(): void;
}

/**
 * All time limits on one timer. Moving a deadline is one assignment, so that it can be done for every chunk; the
 * price is a grain of one tick and a walk over all watched items at each.
 *
 * Its time is the router's own: it stands while the router is held, by a machine with too much to do or a signal.
 * What came meanwhile waits to be read, and must not be found late before it is.
 */
export class Deadlines {
  /** Milliseconds since whenever, as of the last tick. */
  nowMs = 0;
  readonly #clock: Clock;
  readonly #stepMsMax: number;
  #tickedMs: number;
  readonly #watched = new Set<Expirable>();
  readonly #cancel: Cancel;

  constructor(tickMs: number, clock: Clock) {
    this.#clock = clock;
    this.#stepMsMax = countedTicksMax * tickMs;
    this.#tickedMs = clock.nowMs();
    this.#cancel = clock.every(tickMs, () => this.tick());
  }

  watch(item: Expirable): void {
    this.#watched.add(item);
  }

  forget(item: Expirable): void {
    this.#watched.delete(item);
  }

  tick(): void {
    const tickedMs = this.#clock.nowMs();
    this.nowMs += Math.min(tickedMs - this.#tickedMs, this.#stepMsMax);
    this.#tickedMs = tickedMs;
    for (const item of this.#watched) {
      if (item.deadlineMs <= this.nowMs) item.onDeadline();
    }
  }

  close(): void {
    this.#cancel();
    this.#watched.clear();
  }
}

/** A tick that is later than this many was held up. */
const countedTicksMax = 5;
