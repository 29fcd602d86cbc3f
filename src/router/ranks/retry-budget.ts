import type { Clock } from "../net/clock.ts";

/**
 * How much of what ranks do may be done anew. When all of them fail, retries of every request would multiply the load
 * just where it hurts; this keeps them to a share of the requests. One for all threads of a router: its numbers are in
 * shared memory, a word for each second.
 *
 * Two threads that ask at the same moment may both get the last place.
 */
export class RetryBudget {
  /** To be handed to other threads. */
  readonly buffer: SharedArrayBuffer;
  readonly #clock: Clock;
  readonly #requests: Int32Array;
  readonly #retries: Int32Array;

  constructor(
    clock: Clock,
    buffer = new SharedArrayBuffer(2 * secondCount * Int32Array.BYTES_PER_ELEMENT),
  ) {
    this.#clock = clock;
    this.buffer = buffer;
    this.#requests = new Int32Array(buffer, 0, secondCount);
    this.#retries = new Int32Array(buffer, this.#requests.byteLength, secondCount);
  }

  /** A request has come. */
  noteRequest(): void {
    bump(this.#requests, this.#second);
  }

  /** Takes a place for one more attempt at a request. False: there is none, the request has failed. */
  takeRetry(): boolean {
    const second = this.#second;
    const allowed = retriesAlways + retryShare * sum(this.#requests, second);
    if (sum(this.#retries, second) >= allowed) return false;
    bump(this.#retries, second);
    return true;
  }

  get #second(): number {
    return Math.floor(this.#clock.nowMs() / 1_000);
  }
}

const windowSeconds = 10;
const retriesAlways = 10;
const retryShare = 0.2;

/** A second's word is at its number modulo this: a power of two above the window. */
const secondCount = 16;

/**
 * A word is the second it belongs to, without what its place says and as far as it fits, above a count: so a word that
 * is too old counts nothing and nobody has to clear it.
 */
const countBits = 20;
const countMax = 2 ** countBits - 1;

function stampOf(second: number): number {
  return Math.floor(second / secondCount) << countBits;
}

function bump(words: Int32Array, second: number): void {
  const place = second % secondCount;
  const stamp = stampOf(second);
  let before = Atomics.load(words, place);
  for (;;) {
    const count = before >> countBits === stamp >> countBits ? before & countMax : 0;
    const after = stamp | Math.min(count + 1, countMax);
    const found = Atomics.compareExchange(words, place, before, after);
    if (found === before) return;
    before = found;
  }
}

/** Of the last seconds, this one included. */
function sum(words: Int32Array, second: number): number {
  let total = 0;
  for (let past = Math.max(0, second - windowSeconds + 1); past <= second; past++) {
    const word = words[past % secondCount]!;
    if (word >> countBits === stampOf(past) >> countBits) total += word & countMax;
  }
  return total;
}
