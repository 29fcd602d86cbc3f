import { PenstockError } from "../../errors/mod.ts";
import type { Seat } from "./share.ts";

/**
 * The words by which the compute threads of one runner keep step, in shared memory. Words that are waited on have a
 * cache line of their own.
 */
const stepWord = 0;
const phaseWord = 16;
const arrivedWord = 32;
/** Number of the failed thread plus one; 0 while all is well. Set once the reason can be read. */
const failedWord = 48;
const stopWord = 49;
const tokenCountWord = 50;
const sequenceCountWord = 51;
const logitCountWord = 52;
/** 1 as soon as a thread has begun to tell why it failed: the first reason stays. */
const failingWord = 53;
const reasonLengthWord = 54;
/** Behind the words stands the reason. */
const wordCount = 64;
const reasonBytesMax = 1_024;

/** Looks at the word so many times before the thread goes to sleep: about as long as waking up would take. */
const spinCountMax = 4_000;
/** A sleeping thread looks around at least so often. */
const sleepMsMax = 500;
/**
 * A phase takes about a second for 2,048 tokens of the largest model that fits. A thread that is so much later has died
 * without a word: thread 0, which computes, cannot hear the "exit" of a worker until the step is over.
 */
const phaseWaitMsMax = 30_000;

export interface StepCounts {
  readonly tokenCount: number;
  readonly sequenceCount: number;
  readonly logitCount: number;
}

export interface ControlPlace {
  readonly address: number;
  readonly seat: Seat;
  /** How long a barrier waits for the other threads. Default: 30,000. */
  readonly phaseWaitMsMax?: number;
}

/** One thread's view of the words. */
export class StepControl {
  readonly #words: Int32Array;
  readonly #reason: Uint8Array;
  readonly #seat: Seat;
  readonly #waitMsMax: number;

  constructor(buffer: ArrayBufferLike, place: ControlPlace) {
    const { address, seat } = place;
    this.#words = new Int32Array(buffer, address, wordCount);
    this.#reason = new Uint8Array(buffer, address + wordCount * 4, reasonBytesMax);
    this.#seat = seat;
    this.#waitMsMax = place.phaseWaitMsMax ?? phaseWaitMsMax;
  }

  /** Thread 0: lets the others begin; what they read of the step is written before. */
  publish({ tokenCount, sequenceCount, logitCount }: StepCounts): void {
    this.#words[tokenCountWord] = tokenCount;
    this.#words[sequenceCountWord] = sequenceCount;
    this.#words[logitCountWord] = logitCount;
    Atomics.add(this.#words, stepWord, 1);
    Atomics.notify(this.#words, stepWord);
  }

  get stepNumber(): number {
    return Atomics.load(this.#words, stepWord);
  }

  readCounts(): StepCounts {
    return {
      tokenCount: this.#words[tokenCountWord]!,
      sequenceCount: this.#words[sequenceCountWord]!,
      logitCount: this.#words[logitCountWord]!,
    };
  }

  /** Other threads: returns when a step after `lastStep` begins, false when it is time to end. */
  waitForStep(lastStep: number): boolean {
    this.#spin(stepWord, lastStep);
    while (Atomics.load(this.#words, stepWord) === lastStep) {
      if (this.isOver) return false;
      Atomics.wait(this.#words, stepWord, lastStep, sleepMsMax);
    }
    return !this.isOver;
  }

  /**
   * Waits until every thread has come here: what any thread wrote before is seen by all after.
   *
   * @throws PenstockError MODEL_THREAD_FAILED when a thread has failed or does not come
   */
  barrier(): void {
    const { count } = this.#seat;
    if (count === 1) return;
    const phase = Atomics.load(this.#words, phaseWord);
    if (Atomics.add(this.#words, arrivedWord, 1) === count - 1) {
      Atomics.store(this.#words, arrivedWord, 0);
      Atomics.add(this.#words, phaseWord, 1);
      Atomics.notify(this.#words, phaseWord);
      return;
    }
    this.#spin(phaseWord, phase);
    if (Atomics.load(this.#words, phaseWord) === phase) this.#sleepThrough(phase);
  }

  /** Ends the step everywhere; no further one will run. */
  fail(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (Atomics.exchange(this.#words, failingWord, 1) !== 0) return;
    // Copied by way of a buffer of its own: encodeInto refuses shared memory.
    const bytes = new TextEncoder().encode(text).subarray(0, reasonBytesMax);
    this.#reason.set(bytes);
    this.#words[reasonLengthWord] = bytes.length;
    Atomics.store(this.#words, failedWord, this.#seat.index + 1);
    this.#wakeAll();
  }

  /** Lets the other threads leave waitForStep for good. */
  stop(): void {
    Atomics.store(this.#words, stopWord, 1);
    this.#wakeAll();
  }

  get isOver(): boolean {
    return Atomics.load(this.#words, stopWord) !== 0 || Atomics.load(this.#words, failedWord) !== 0;
  }

  /** @throws PenstockError MODEL_THREAD_FAILED */
  throwIfFailed(): void {
    const failed = Atomics.load(this.#words, failedWord);
    if (failed === 0) return;
    const length = this.#words[reasonLengthWord]!;
    const reason = new TextDecoder().decode(this.#reason.slice(0, length));
    throw new PenstockError("MODEL_THREAD_FAILED", { thread: failed - 1, reason });
  }

  #spin(word: number, value: number): void {
    for (let i = 0; i < spinCountMax; i++) if (Atomics.load(this.#words, word) !== value) return;
  }

  /** The limit is counted in sleeps, not by the clock: a process that was stopped for a while has lost no thread. */
  #sleepThrough(phase: number): void {
    const sleepMs = Math.min(sleepMsMax, this.#waitMsMax);
    for (let sleptMs = 0; Atomics.load(this.#words, phaseWord) === phase; sleptMs += sleepMs) {
      if (sleptMs >= this.#waitMsMax) this.fail(new Error("the other threads are overdue"));
      this.throwIfFailed();
      Atomics.wait(this.#words, phaseWord, phase, sleepMs);
    }
  }

  #wakeAll(): void {
    Atomics.notify(this.#words, stepWord);
    Atomics.notify(this.#words, phaseWord);
  }
}
