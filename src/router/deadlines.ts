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
 */
export class Deadlines {
  /** The clock in milliseconds, as of the last tick. */
  nowMs: number;
  readonly #clock: Clock;
  readonly #watched = new Set<Expirable>();
  readonly #cancel: Cancel;

  constructor(tickMs: number, clock: Clock) {
    this.#clock = clock;
    this.nowMs = clock.nowMs();
    this.#cancel = clock.every(tickMs, () => this.tick());
  }

  watch(item: Expirable): void {
    this.#watched.add(item);
  }

  forget(item: Expirable): void {
    this.#watched.delete(item);
  }

  tick(): void {
    this.nowMs = this.#clock.nowMs();
    for (const item of this.#watched) {
      if (item.deadlineMs <= this.nowMs) item.onDeadline();
    }
  }

  close(): void {
    this.#cancel();
    this.#watched.clear();
  }
}
