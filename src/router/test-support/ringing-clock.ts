import type { Cancel, Clock } from "../net/clock.ts";

/** A clock that a test moves by hand, with timers that fire on the way. */
export class RingingClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Map<object, { readonly atMs: number; readonly ring: () => void }>();

  get timerCount(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, ring: () => void): Cancel {
    const name = {};
    this.#timers.set(name, { atMs: this.#nowMs + delayMs, ring });
    return () => void this.#timers.delete(name);
  }

  every(intervalMs: number, ring: () => void): Cancel {
    let cancel: Cancel = () => undefined;
    const again = () => {
      cancel = this.after(intervalMs, again);
      ring();
    };
    cancel = this.after(intervalMs, again);
    return () => cancel();
  }

  pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { atMs }]) => atMs <= endMs);
      const [next] = due.toSorted(([, one], [, other]) => one.atMs - other.atMs);
      if (next === undefined) break;
      const [name, { atMs, ring }] = next;
      this.#timers.delete(name);
      this.#nowMs = atMs;
      ring();
    }
    this.#nowMs = endMs;
  }
}
