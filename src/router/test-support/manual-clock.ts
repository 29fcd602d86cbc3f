import type { Clock } from "../net/clock.ts";

/** A clock that a test moves by hand. Its timers never fire: tests call what they would. */
export class ManualClock implements Clock {
  #nowMs = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  pass(ms: number): void {
    this.#nowMs += ms;
  }

  after() {
    return () => {};
  }

  every() {
    return () => {};
  }
}
