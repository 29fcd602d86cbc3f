import assert from "node:assert/strict";

/**
 * A lock in shared memory, for sections of microseconds: the mutex of U. Drepper, "Futexes Are Tricky" (2011), that
 * first tries a few times. Without another thread it costs two atomic instructions.
 */
export class SessionLock {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #index: number;
  readonly #longSleepsMax: number;

  /**
   * The word must be 0 when the first thread comes. A holder that keeps it for `longSleepsMax` tenths of a second, where
   * sections take microseconds, counts as dead.
   */
  constructor(words: Int32Array<SharedArrayBuffer>, index: number, longSleepsMax = 100) {
    this.#longSleepsMax = longSleepsMax;
    this.#words = words;
    this.#index = index;
  }

  /** Not twice by one thread. Fails where the holder must have died: its threads share a process, which is to end too. */
  take(): void {
    if (Atomics.compareExchange(this.#words, this.#index, free, held) !== free) this.#wait();
  }

  release(): void {
    if (Atomics.sub(this.#words, this.#index, 1) === held) return;
    Atomics.store(this.#words, this.#index, free);
    Atomics.notify(this.#words, this.#index, 1);
  }

  #wait(): void {
    for (let count = 0; count < triesBeforeSleep; count++) {
      if (Atomics.compareExchange(this.#words, this.#index, free, held) === free) return;
    }
    for (let longSleepCount = 0; longSleepCount < this.#longSleepsMax;) {
      if (Atomics.exchange(this.#words, this.#index, heldAndAwaited) === free) return;
      const outcome = Atomics.wait(this.#words, this.#index, heldAndAwaited, sleepMsMax);
      if (outcome === "timed-out") longSleepCount++; // Else others are here and quicker, which ends by chance.
    }
    assert.fail("A thread ended while it held the sessions");
  }
}

/** Values of the word. */
const free = 0;
const held = 1;
const heldAndAwaited = 2;

const triesBeforeSleep = 200;
const sleepMsMax = 100;
