import assert from "node:assert/strict";
import type { Cancel, Clock } from "../net/clock.ts";

export interface AdmissionLimits {
  readonly requestsInFlightMax: number;
  readonly queueDepthMax: number;
  readonly queueMsMax: number;
}

/** A request that waits for a place. Exactly one of both is called, unless it withdraws before. */
export interface Waiter {
  /** It has a place now, which it must give back with {@linkcode AdmissionQueue.leave}. */
  onAdmitted(): void;
  onTurnedAway(reason: string): void;
}

/** How much a departure counts in the usual time between two. */
const newestShare = 0.1;
const retryAfterSecondsMax = 60;

/**
 * How many requests are at work, and those that wait until they may be: first come, first served, for a limited time.
 * Nobody passes those that wait.
 */
export class AdmissionQueue {
  readonly #clock: Clock;
  readonly #limits: AdmissionLimits;
  /** Each with the time from which it waits, oldest first. */
  readonly #waiters = new Map<Waiter, number>();
  #atWorkCount = 0;
  #isAdmitting = false;
  #isClosed = false;
  #cancelTimer: Cancel | undefined;
  /** The usual time until a place comes free where all are taken; undefined before the first did. */
  #departureMs: number | undefined;
  /** Since when all places are taken, the last time that they were. */
  #fullSinceMs = 0;

  constructor(clock: Clock, limits: AdmissionLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get atWorkCount(): number {
    return this.#atWorkCount;
  }

  get waitingCount(): number {
    return this.#waiters.size;
  }

  /**
   * Whole seconds after which a place may be free for somebody who comes last: those that wait times the time between
   * two departures, which is at least the time since the last one. To be asked while all places are taken.
   */
  get retryAfterSeconds(): number {
    const fullMs = this.#clock.nowMs() - this.#fullSinceMs;
    const departureMs = Math.max(this.#departureMs ?? 0, fullMs);
    const seconds = Math.ceil(((this.#waiters.size + 1) * departureMs) / 1_000);
    return Math.min(Math.max(seconds, 1), retryAfterSecondsMax);
  }

  /** Takes a place if there is one and nobody waits for it. */
  tryEnter(): boolean {
    const isFree = this.#waiters.size === 0 && this.#atWorkCount < this.#limits.requestsInFlightMax;
    if (isFree) this.#enter();
    return isFree;
  }

  /** False where too many wait already, and once closed. */
  wait(waiter: Waiter): boolean {
    const { queueDepthMax, queueMsMax } = this.#limits;
    if (this.#isClosed || this.#waiters.size >= queueDepthMax) return false;
    this.#waiters.set(waiter, this.#clock.nowMs());
    this.#cancelTimer ??= this.#clock.after(queueMsMax, () => this.#onTimer());
    return true;
  }

  /** It waits no longer. Without effect on one that does not. */
  withdraw(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    if (this.#waiters.size === 0) this.#stopTimer();
  }

  /** A place is free again: whoever waits for longest gets it. */
  leave(): void {
    assert(this.#atWorkCount > 0);
    if (this.#atWorkCount === this.#limits.requestsInFlightMax) this.#noteDeparture();
    this.#atWorkCount--;
    this.#admit();
  }

  /** Turns all away that wait; nobody will any more. */
  close(reason: string): void {
    this.#isClosed = true;
    for (const waiter of this.#waiters.keys()) this.#turnAway(waiter, reason);
  }

  #enter(): void {
    this.#atWorkCount++;
    const isFull = this.#atWorkCount === this.#limits.requestsInFlightMax;
    if (isFull) this.#fullSinceMs = this.#clock.nowMs();
  }

  /** One that is admitted may be over at once; the next is then admitted by this loop and not by a deeper one. */
  #admit(): void {
    if (this.#isAdmitting) return;
    this.#isAdmitting = true;
    try {
      while (this.#waiters.size > 0 && this.#atWorkCount < this.#limits.requestsInFlightMax) {
        const [waiter] = this.#waiters.keys() as unknown as [Waiter];
        this.withdraw(waiter);
        this.#enter();
        waiter.onAdmitted();
      }
    } finally {
      this.#isAdmitting = false;
    }
  }

  #turnAway(waiter: Waiter, reason: string): void {
    this.withdraw(waiter);
    waiter.onTurnedAway(reason);
  }

  /** Whoever waited for longest when the timer was set may be gone: then it rings once for nothing. */
  #onTimer(): void {
    this.#cancelTimer = undefined;
    const { queueMsMax } = this.#limits;
    const now = this.#clock.nowMs();
    const expired: Waiter[] = [];
    for (const [waiter, sinceMs] of this.#waiters) {
      const leftMs = sinceMs + queueMsMax - now;
      if (leftMs > 0) {
        this.#cancelTimer = this.#clock.after(leftMs, () => this.#onTimer());
        break;
      }
      expired.push(waiter);
    }
    for (const waiter of expired) {
      if (this.#waiters.has(waiter))
        this.#turnAway(waiter, `no place came free in ${queueMsMax / 1_000} s`);
    }
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #noteDeparture(): void {
    const passedMs = this.#clock.nowMs() - this.#fullSinceMs;
    const usualMs = this.#departureMs ?? passedMs;
    this.#departureMs = usualMs + (passedMs - usualMs) * newestShare;
  }
}
