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
 * 1. Running sequences in decode take one token each, so that no long prompt stalls them.
 * 2. Running sequences in prefill take what is left of the token budget, in chunks.
 * 3. Waiting sequences are admitted while budget, places and blocks last.
 *
 * When blocks run out, the sequence that came last gives all of its blocks back, waits at the head of the queue
 * and is computed again later. So `running` followed by `waiting` is always in order of arrival, and the oldest
 * sequence goes on in every step: nothing starves. Pure: the same calls give the same steps.
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
    const preemptionsBefore = this.#preemptionsTotal;
    const decodes = this.#running.filter((sequence) => sequence.pendingTokenCount === 1);
    const prefills = this.#running.filter((sequence) => sequence.pendingTokenCount > 1);
    this.#scheduleRunning(decodes, step);
    this.#scheduleRunning(prefills, step);
    // To admit right after a preemption would hand the blocks just won to the next victim.
    if (this.#preemptionsTotal === preemptionsBefore) this.#admit(step);
    assert(step.size > 0 || this.#live.size === 0, "A step brings nobody forward");
    return { entries: step.entries() };
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

  /** Asserts that lists, states, block tables and pool agree. Costs O(blocks): for tests. */
  check(): void {
    this.#pool.check();
    assert.equal(this.#running.length + this.#waiting.length, this.#live.size);
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
  }

  #scheduleRunning(sequences: readonly Sequence[], step: StepBuilder): void {
    for (const sequence of sequences) {
      const tokenCount = Math.min(sequence.pendingTokenCount, step.budget);
      if (sequence.status !== "running" || tokenCount === 0) continue; // Preempted by an elder, or no budget.
      if (this.#makeRoom(sequence, tokenCount, step)) step.take(sequence, tokenCount);
    }
  }

  /** Gives the sequence blocks for its next tokens; false when it had to give way itself. */
  #makeRoom(sequence: Sequence, tokenCount: number, step: StepBuilder): boolean {
    const blockCount = this.#blocksFor(sequence.computedTokenCount + tokenCount);
    while (blockCount - sequence.blockTable.length > this.#pool.freeCount) {
      const victim = this.#running[this.#running.length - 1]!;
      this.#preempt(victim);
      step.drop(victim);
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

  /** Whether all its pending tokens fit beside what the running ones still need for theirs and one block more each. */
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

/** A step in the making: who takes how many tokens, and the budget that is left. */
class StepBuilder {
  readonly #tokenCounts = new Map<Sequence, number>();
  #budget: number;

  constructor(budget: number) {
    this.#budget = budget;
  }

  get budget(): number {
    return this.#budget;
  }

  get size(): number {
    return this.#tokenCounts.size;
  }

  take(sequence: Sequence, tokenCount: number): void {
    assert(tokenCount > 0 && tokenCount <= this.#budget && !this.#tokenCounts.has(sequence));
    this.#tokenCounts.set(sequence, tokenCount);
    this.#budget -= tokenCount;
  }

  /** Takes a preempted sequence out again, if it was in. */
  drop(sequence: Sequence): void {
    this.#budget += this.#tokenCounts.get(sequence) ?? 0;
    this.#tokenCounts.delete(sequence);
  }

  entries(): ScheduledEntry[] {
    return Array.from(this.#tokenCounts, ([sequence, tokenCount]) => ({ sequence, tokenCount }));
  }
}
