import assert from "node:assert/strict";
import { type BlockPool, blocksFor } from "../kv-cache/mod.ts";
import type { Sequence } from "./sequence.ts";
import type { ScheduledEntry, ScheduledStep } from "./step.ts";

export interface SchedulerOptions {
  readonly pool: BlockPool;
  readonly blockSize: number;
  readonly maxNumSeqs: number;
  /** At least maxNumSeqs, so that every running sequence can take its token. */
  readonly maxNumBatchedTokens: number;
  /** Sequences that may wait and run together. */
  readonly liveCountMax: number;
}

/**
 * Decides what each step computes. First come, first served; continuous batching:
 *
 * 1. Running sequences take their pending tokens: one each in decode, a chunk in prefill.
 * 2. Waiting sequences are admitted while budget, places and blocks last.
 *
 * When blocks run out, the sequence that came last gives all of its blocks back, waits at the head of the queue
 * and is computed again later. So `running` followed by `waiting` is always in order of arrival, and the oldest
 * sequence goes on in every step: nothing starves.
 *
 * A prompt that does not fit the budget uses it up, and nobody is admitted behind it. So only the last of
 * `running` can be in the middle of its prompt; all before it decode and are served first, and a long prompt
 * stalls nobody.
 *
 * Pure: the same calls give the same steps.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #pool: BlockPool;
  readonly #live = new Map<string, Sequence>();
  readonly #running: Sequence[] = [];
  readonly #waiting: Sequence[] = [];
  #preemptionsTotal = 0;

  constructor(options: SchedulerOptions) {
    assert(options.maxNumBatchedTokens >= options.maxNumSeqs && options.maxNumSeqs > 0);
    this.#options = options;
    this.#pool = options.pool;
  }

  get runningCount(): number {
    return this.#running.length;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  get liveCount(): number {
    return this.#live.size;
  }

  get preemptionsTotal(): number {
    return this.#preemptionsTotal;
  }

  get(requestId: string): Sequence | undefined {
    return this.#live.get(requestId);
  }

  /** Appends a sequence to the queue. What can never run is refused at the engine's door. */
  add(sequence: Sequence): void {
    assert(!this.#live.has(sequence.requestId), "The request id is alive already");
    assert(this.#live.size < this.#options.liveCountMax, "The queue is full");
    assert(sequence.length > 0 && sequence.length < sequence.lengthMax, "No room for an answer");
    assert(this.#blocksFor(sequence.lengthMax) <= this.#pool.blockCount, "It can never fit");
    this.#live.set(sequence.requestId, sequence);
    this.#waiting.push(sequence);
  }

  /** The next step; empty only when nothing is alive. */
  schedule(): ScheduledStep {
    const step = new StepBuilder(this.#options.maxNumBatchedTokens);
    for (const sequence of this.#running.slice()) {
      if (sequence.status !== "running") break; // Preempted by an elder, and so are all behind it.
      const tokenCount = Math.min(sequence.pendingTokenCount, step.budget);
      if (this.#makeRoom(sequence, tokenCount)) step.take(sequence, tokenCount);
    }
    this.#admit(step);
    assert(step.entries.length > 0 || this.#live.size === 0, "A step brings nobody forward");
    return step;
  }

  /** Notes that the forward pass of a step is done. */
  complete(step: ScheduledStep): void {
    for (const { sequence, tokenCount } of step.entries) {
      assert(tokenCount <= sequence.pendingTokenCount && sequence.status === "running");
      sequence.computedTokenCount += tokenCount;
    }
  }

  /** Takes a live sequence out, whatever its state, and frees all it holds. */
  finish(sequence: Sequence): void {
    assert(this.#live.get(sequence.requestId) === sequence, "The sequence is not alive");
    const list = sequence.status === "running" ? this.#running : this.#waiting;
    list.splice(list.indexOf(sequence), 1);
    this.#live.delete(sequence.requestId);
    sequence.blockTable.release(this.#pool);
    sequence.status = "finished";
  }

  /** Between two steps, asserts that lists, states, block tables and pool agree. Costs O(blocks): for tests. */
  check(): void {
    this.#pool.check();
    const inOrder = [...this.#running, ...this.#waiting].map(({ requestId }) => requestId);
    assert.deepEqual(inOrder, [...this.#live.keys()], "The order of arrival is lost");
    assert(this.#running.length <= this.#options.maxNumSeqs);
    assert(this.#live.size <= this.#options.liveCountMax);
    const owned = this.#running.flatMap((sequence) => [...sequence.blockTable.view()]);
    assert.equal(new Set(owned).size, owned.length, "A block stands in two places");
    assert.equal(owned.length, this.#pool.usedCount, "A used block has no owner");
    for (const sequence of this.#waiting) {
      assert.equal(sequence.status, "waiting");
      assert.equal(sequence.blockTable.length + sequence.computedTokenCount, 0);
    }
    for (const sequence of this.#running) {
      assert.equal(sequence.status, "running");
      assert(sequence.blockTable.length >= this.#blocksFor(sequence.computedTokenCount));
      assert(sequence.length < sequence.lengthMax);
    }
    for (const sequence of this.#running.slice(0, -1)) assert.equal(sequence.pendingTokenCount, 1);
  }

  /** Gives the sequence blocks for its next tokens; false when it had to give way itself. */
  #makeRoom(sequence: Sequence, tokenCount: number): boolean {
    const blockCount = this.#blocksFor(sequence.computedTokenCount + tokenCount);
    while (blockCount - sequence.blockTable.length > this.#pool.freeCount) {
      const victim = this.#running[this.#running.length - 1]!;
      this.#preempt(victim);
      if (victim === sequence) return false;
    }
    sequence.blockTable.grow(blockCount, this.#pool);
    return true;
  }

  #preempt(victim: Sequence): void {
    assert(this.#running.length > 1, "A sequence alone must fit");
    this.#running.pop();
    victim.blockTable.release(this.#pool);
    victim.computedTokenCount = 0;
    victim.status = "waiting";
    this.#waiting.unshift(victim);
    this.#preemptionsTotal += 1;
  }

  #admit(step: StepBuilder): void {
    while (this.#running.length < this.#options.maxNumSeqs && step.budget > 0) {
      const sequence = this.#waiting[0];
      if (sequence === undefined || !this.#hasRoomFor(sequence)) return;
      this.#waiting.shift();
      this.#running.push(sequence);
      sequence.status = "running";
      const tokenCount = Math.min(sequence.pendingTokenCount, step.budget);
      sequence.blockTable.grow(this.#blocksFor(tokenCount), this.#pool);
      step.take(sequence, tokenCount);
    }
  }

  /**
   * Whether all its pending tokens fit beside those of the running ones and one block more for each of them:
   * whoever is let in closer than that is soon preempted, and its prompt computed for nothing.
   */
  #hasRoomFor(sequence: Sequence): boolean {
    let reserved = 0;
    for (const { length, lengthMax, blockTable } of this.#running) {
      const soon = this.#blocksFor(Math.min(length + this.#options.blockSize, lengthMax));
      reserved += Math.max(0, soon - blockTable.length);
    }
    return this.#blocksFor(sequence.length) <= this.#pool.freeCount - reserved;
  }

  #blocksFor(tokenCount: number): number {
    return blocksFor(tokenCount, this.#options.blockSize);
  }
}

/** A step in the making, and the token budget that is left. */
class StepBuilder implements ScheduledStep {
  readonly entries: ScheduledEntry[] = [];
  #budget: number;

  constructor(budget: number) {
    this.#budget = budget;
  }

  get budget(): number {
    return this.#budget;
  }

  take(sequence: Sequence, tokenCount: number): void {
    assert(tokenCount > 0 && tokenCount <= this.#budget, "The budget is exceeded");
    this.entries.push({ sequence, tokenCount });
    this.#budget -= tokenCount;
  }
}
