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
  readonly #clock: () => number;
  readonly #watched = new Set<Expirable>();
  readonly #timer: NodeJS.Timeout;

  constructor(tickMs: number, clock: () => number = () => performance.now()) {
    this.#clock = clock;
    this.nowMs = clock();
    this.#timer = setInterval(() => this.tick(), tickMs);
  }

  watch(item: Expirable): void {
    this.#watched.add(item);
  }

  forget(item: Expirable): void {
    this.#watched.delete(item);
  }

  tick(): void {
    this.nowMs = this.#clock();
    for (const item of this.#watched) {
      if (item.deadlineMs <= this.nowMs) item.onDeadline();
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watched.clear();
  }
}
