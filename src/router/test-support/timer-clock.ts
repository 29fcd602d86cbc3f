import type { Cancel, Clock } from "../net/clock.ts";

interface Timer {
  readonly intervalMs: number | undefined;
  readonly callback: () => void;
  atMs: number;
}

/** A clock that a test moves by hand; its timers fire in their order on the way. */
export class TimerClock implements Clock {
  readonly #timers = new Set<Timer>();
  #nowMs = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Cancel {
    return this.#start({ atMs: this.#nowMs + delayMs, intervalMs: undefined, callback });
  }

  every(intervalMs: number, callback: () => void): Cancel {
    return this.#start({ atMs: this.#nowMs + intervalMs, intervalMs, callback });
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let timer = this.#next(endMs); timer !== undefined; timer = this.#next(endMs)) {
      this.#nowMs = timer.atMs;
      if (timer.intervalMs === undefined) this.#timers.delete(timer);
      else timer.atMs += timer.intervalMs;
      timer.callback();
    }
    this.#nowMs = endMs;
  }

  #start(timer: Timer): Cancel {
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  #next(endMs: number): Timer | undefined {
    const due = [...this.#timers].filter(({ atMs }) => atMs <= endMs);
    return due.toSorted((one, other) => one.atMs - other.atMs)[0];
  }
}
