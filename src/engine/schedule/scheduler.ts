import assert from "node:assert/strict";
import { type BlockPool, blocksFor, type PrefixCache } from "../kv-cache/mod.ts";
import type { Sequence } from "./sequence.ts";
import type { ScheduledEntry, ScheduledFetch, ScheduledStep } from "./step.ts";
import { WaitingQueue } from "./waiting-queue.ts";

export interface SchedulerOptions {
  readonly pool: BlockPool;
  readonly blockSize: number;
  readonly maxNumSeqs: number;
  /** At least maxNumSeqs, so that every running sequence can take its token. */
  readonly maxNumBatchedTokens: number;
  /** Sequences that may wait, load and run together. */
  readonly liveCountMax: number;
  /** Without it, every sequence computes all of its tokens. */
  readonly prefixCache?: PrefixCache | undefined;
  /** Sequences whose blocks may be fetched at the same time. Default: 8. */
  readonly loadingCountMax?: number;
}

const loadingCountMaxDefault = 8;

/**
 * Decides what each step computes. First come, first served; continuous batching:
 *
 * 1. Running sequences take their pending tokens: one each in decode, a chunk in prefill.
 * 2. Waiting sequences are admitted while budget, places and blocks last. They begin behind the blocks that the prefix
 *    cache has of them. Those whose blocks another engine has are loading in between: they hold their blocks, and come
 *    back to their place in the queue.
 *
 * When blocks run out, sequences that were loaded and wait give theirs back, then the one that was admitted last; it
 * waits again at its place in the queue and is computed again later. Those who wait are always in order of arrival,
 * and the first of `running` goes on in every step: nothing starves. Only where leases and loads hold all other
 * blocks does a sequence pause until one of them ends.
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
  readonly #loading = new Set<Sequence>();
  readonly #waiting = new WaitingQueue();
  /** Of the waiting ones those that hold fetched blocks, in the order in which these came. */
  readonly #loaded = new Set<Sequence>();
  #preemptionsTotal = 0;

  constructor(options: SchedulerOptions) {
    assert(options.maxNumBatchedTokens >= options.maxNumSeqs && options.maxNumSeqs > 0);
    this.#options = options;
    this.#pool = options.pool;
  }

  get runningCount(): number {
    return this.#running.length;
  }

  /** Those that are loading wait, too. */
  get waitingCount(): number {
    return this.#waiting.length + this.#loading.size;
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
    this.#waiting.insert(sequence);
  }

  /** The next step; without entries only when nothing is alive, or all of it waits for a load or a lease to end. */
  schedule(): ScheduledStep {
    const step = new StepBuilder(this.#options);
    for (const sequence of this.#running.slice()) {
      if (sequence.status !== "running") break; // Preempted by another one, and so are all behind it.
      const tokenCount = step.roomFor(sequence);
      if (this.#makeRoom(sequence, tokenCount)) step.take(sequence, tokenCount);
    }
    this.#admit(step);
    assert(step.entries.length > 0 || !this.#mustMove(), "A step brings nobody forward");
    return step;
  }

  /** Notes that the forward pass of a step is done. */
  complete(step: Pick<ScheduledStep, "entries">): void {
    for (const { sequence, tokenCount } of step.entries) {
      assert(tokenCount <= sequence.pendingTokenCount && sequence.status === "running");
      this.#advance(sequence, sequence.computedTokenCount + tokenCount);
    }
  }

  /** The fetched blocks of a loading sequence have come: of its first `tokenCount` tokens. */
  loaded(sequence: Sequence, tokenCount: number): void {
    this.#endLoading(sequence);
    // The last token is computed again: its logits are what the answer begins with.
    this.#advance(sequence, Math.min(tokenCount, sequence.length - 1));
    this.#waiting.insert(sequence);
    this.#loaded.add(sequence);
  }

  /** They will not come: it computes its prompt itself. */
  loadFailed(sequence: Sequence): void {
    this.#endLoading(sequence);
    this.#forgo(sequence);
    this.#waiting.insert(sequence);
  }

  /** Takes a live sequence out, whatever its state, and frees all it holds. */
  finish(sequence: Sequence): void {
    assert(this.#live.get(sequence.requestId) === sequence, "The sequence is not alive");
    if (sequence.status === "running") this.#running.splice(this.#running.indexOf(sequence), 1);
    this.#loading.delete(sequence);
    this.#loaded.delete(sequence);
    this.#waiting.remove(sequence);
    this.#live.delete(sequence.requestId);
    sequence.blockTable.release(this.#pool);
    sequence.status = "finished";
  }

  /**
   * Between two steps, asserts that lists, states, block tables and pool agree. Costs O(blocks): for tests.
   *
   * @param heldElsewhere Blocks that leases hold, once for each.
   */
  check(heldElsewhere: readonly number[] = []): void {
    this.#pool.check();
    const waiting = [...this.#waiting];
    const all = [...this.#running, ...this.#loading, ...waiting];
    const inOrder = [...this.#live.values()].filter((sequence) => waiting.includes(sequence));
    assert.deepEqual(waiting, inOrder, "The order of arrival is lost");
    assert.equal(new Set(all).size, all.length, "A sequence stands in two places");
    assert.equal(all.length, this.#live.size, "A sequence is lost");
    assert(this.#running.length <= this.#options.maxNumSeqs);
    assert(this.#loading.size <= this.#loadingCountMax);
    assert(this.#live.size <= this.#options.liveCountMax);
    this.#checkBlocks(all, heldElsewhere);
    for (const sequence of waiting) {
      assert.equal(sequence.status, "waiting");
      if (this.#loaded.has(sequence)) continue;
      assert.equal(sequence.blockTable.length + sequence.computedTokenCount, 0);
    }
    for (const sequence of this.#loaded) assert(waiting.includes(sequence));
    for (const sequence of this.#loading) assert.equal(sequence.status, "loading");
    for (const sequence of this.#running) {
      assert.equal(sequence.status, "running");
      assert(sequence.length < sequence.lengthMax);
    }
    for (const sequence of this.#running.slice(0, -1)) assert.equal(sequence.pendingTokenCount, 1);
  }

  /** Every holder is counted, and only full blocks have more than one. */
  #checkBlocks(sequences: readonly Sequence[], heldElsewhere: readonly number[]): void {
    const holders = new Map<number, number>();
    const hold = (block: number) => holders.set(block, (holders.get(block) ?? 0) + 1);
    for (const block of heldElsewhere) hold(block);
    for (const { blockTable, computedTokenCount } of sequences) {
      const blocks = blockTable.view();
      assert(blocks.length >= this.#blocksFor(computedTokenCount), "A computed token has no block");
      assert.equal(new Set(blocks).size, blocks.length, "A block stands in a table twice");
      for (const block of blocks) hold(block);
      const open = blocks.subarray(Math.floor(computedTokenCount / this.#options.blockSize));
      for (const block of open)
        assert.equal(this.#pool.referenceCount(block), 1, "A block that is written is shared");
    }
    for (let block = 0; block < this.#pool.blockCount; block++) {
      const count = holders.get(block) ?? 0;
      assert.equal(this.#pool.referenceCount(block), count, `Block ${block} has no owner or two`);
    }
  }

  get #loadingCountMax(): number {
    return this.#options.loadingCountMax ?? loadingCountMaxDefault;
  }

  /** Whether somebody could compute, were it not for a bug: nothing loads and no lease holds a block. */
  #mustMove(): boolean {
    if (this.#loading.size > 0 || this.#live.size === 0) return false;
    const held = new Set(
      [...this.#live.values()].flatMap(({ blockTable }) => [...blockTable.view()]),
    );
    return this.#pool.usedCount === held.size;
  }

  /** Gives the sequence blocks for its next tokens; false when it had to give way itself, or has to pause. */
  #makeRoom(sequence: Sequence, tokenCount: number): boolean {
    const blockCount = this.#blocksFor(sequence.computedTokenCount + tokenCount);
    while (blockCount - sequence.blockTable.length > this.#pool.freeCount) {
      if (this.#reclaimLoaded(sequence)) continue;
      if (this.#running.length === 1) return false;
      const victim = this.#running[this.#running.length - 1]!;
      this.#preempt(victim);
      if (victim === sequence) return false;
    }
    sequence.blockTable.grow(blockCount, this.#pool);
    return true;
  }

  #preempt(victim: Sequence): void {
    this.#running.pop();
    this.#forgo(victim);
    this.#waiting.insert(victim);
    this.#preemptionsTotal += 1;
  }

  /** Takes the blocks of the one that was loaded last and still waits. */
  #reclaimLoaded(except: Sequence): boolean {
    const victim = [...this.#loaded].findLast((sequence) => sequence !== except);
    if (victim === undefined) return false;
    this.#forgo(victim);
    this.#preemptionsTotal += 1;
    return true;
  }

  /** It gives its blocks back, and begins again when its turn comes. */
  #forgo(sequence: Sequence): void {
    this.#loaded.delete(sequence);
    sequence.blockTable.release(this.#pool);
    sequence.computedTokenCount = 0;
    sequence.status = "waiting";
  }

  #admit(step: StepBuilder): void {
    for (;;) {
      const sequence = this.#waiting.first;
      if (sequence === undefined) return;
      const isOn =
        sequence.source === null ? this.#begin(sequence, step) : this.#load(sequence, step);
      if (!isOn) return;
    }
  }

  #begin(sequence: Sequence, step: StepBuilder): boolean {
    if (this.#running.length >= this.#options.maxNumSeqs || step.isFull) return false;
    const found = this.#find(sequence);
    if (!this.#findRoomFor(sequence, found)) return false;
    this.#waiting.remove(sequence);
    this.#loaded.delete(sequence);
    this.#adopt(sequence, found);
    this.#running.push(sequence);
    sequence.status = "running";
    sequence.cachedTokenCount ??= sequence.computedTokenCount;
    const tokenCount = step.roomFor(sequence);
    sequence.blockTable.grow(this.#blocksFor(sequence.computedTokenCount + tokenCount), this.#pool);
    step.take(sequence, tokenCount);
    return true;
  }

  /** Starts to fetch what the cache does not have; true also when that is nothing. */
  #load(sequence: Sequence, step: StepBuilder): boolean {
    const source = sequence.source!; // It is called for those that have one.
    const found = this.#find(sequence);
    const end = this.#blocksFor(source.tokenCount);
    const wantedCount = Math.min(source.tokenCount, sequence.length - 1);
    if (found.length * this.#options.blockSize >= wantedCount) {
      step.fetches.push({ sequence, source, start: end, end });
      sequence.source = null;
      return true;
    }
    if (this.#loading.size >= this.#loadingCountMax) return false;
    if (!this.#findRoomFor(sequence, found)) return false;
    this.#waiting.remove(sequence);
    this.#adopt(sequence, found);
    sequence.blockTable.grow(end, this.#pool);
    sequence.source = null;
    sequence.status = "loading";
    this.#loading.add(sequence);
    step.fetches.push({ sequence, source, start: found.length, end });
    return true;
  }

  #endLoading(sequence: Sequence): void {
    assert(this.#loading.delete(sequence), "The sequence is not loading");
    sequence.status = "waiting";
  }

  /** A sequence that holds blocks has begun already and looks for nothing. */
  #find(sequence: Sequence): readonly number[] {
    if (sequence.blockTable.length > 0 || !sequence.readsPrefixCache) return [];
    return this.#options.prefixCache?.find(sequence) ?? [];
  }

  #adopt(sequence: Sequence, found: readonly number[]): void {
    if (sequence.blockTable.length > 0) return;
    sequence.blockTable.adopt(found, this.#pool);
    sequence.computedTokenCount = found.length * this.#options.blockSize;
    if (sequence.readsPrefixCache) this.#options.prefixCache?.count(sequence, found.length);
  }

  #advance(sequence: Sequence, computedTokenCount: number): void {
    const before = sequence.computedTokenCount;
    sequence.computedTokenCount = computedTokenCount;
    this.#options.prefixCache?.remember(sequence, before);
  }

  #findRoomFor(sequence: Sequence, found: readonly number[]): boolean {
    while (!this.#hasRoomFor(sequence, found)) {
      // With nobody running, blocks that wait must not keep the first in the queue from beginning.
      if (this.#running.length > 0 || !this.#reclaimLoaded(sequence)) return false;
    }
    return true;
  }

  /**
   * Whether all its pending tokens fit beside those of the others that hold blocks and one block more for each of
   * them: whoever is let in closer than that is soon preempted, and its prompt computed for nothing. Blocks that were
   * found count as room taken where nobody holds them now.
   */
  #hasRoomFor(sequence: Sequence, found: readonly number[]): boolean {
    const held = sequence.blockTable.length + found.length;
    const revived = found.filter((block) => this.#pool.referenceCount(block) === 0).length;
    const wanted = this.#blocksFor(sequence.length) - held + revived;
    return wanted <= this.#pool.freeCount - this.#reservedFor(sequence);
  }

  #reservedFor(sequence: Sequence): number {
    let reserved = 0;
    for (const other of [...this.#running, ...this.#loading, ...this.#loaded]) {
      const { length, lengthMax, blockTable } = other;
      if (other === sequence) continue;
      const soon = this.#blocksFor(Math.min(length + this.#options.blockSize, lengthMax));
      reserved += Math.max(0, soon - blockTable.length);
    }
    return reserved;
  }

  #blocksFor(tokenCount: number): number {
    return blocksFor(tokenCount, this.#options.blockSize);
  }
}

/** A step in the making, and what is left of its tokens and of its rows of logits, one for each that may run. */
class StepBuilder implements ScheduledStep {
  readonly entries: ScheduledEntry[] = [];
  readonly fetches: ScheduledFetch[] = [];
  #budget: number;
  #rowsLeft: number;

  constructor(options: Pick<SchedulerOptions, "maxNumBatchedTokens" | "maxNumSeqs">) {
    this.#budget = options.maxNumBatchedTokens;
    this.#rowsLeft = options.maxNumSeqs;
  }

  get isFull(): boolean {
    return this.#budget === 0 || this.#rowsLeft === 0;
  }

  /** Pending tokens of the sequence that fit; at least 1 while the step is not full. */
  roomFor(sequence: Sequence): number {
    return Math.min(sequence.computableTokenCount(this.#rowsLeft), this.#budget);
  }

  take(sequence: Sequence, tokenCount: number): void {
    assert(tokenCount > 0 && tokenCount <= this.#budget, "The budget is exceeded");
    const { start, end } = sequence.promptLogitRange(tokenCount);
    const isWhole = tokenCount === sequence.pendingTokenCount;
    this.entries.push({ sequence, tokenCount });
    this.#rowsLeft -= end - start + (isWhole ? 1 : 0);
    assert(this.#rowsLeft >= 0, "The rows of logits are exceeded");
    // Whoever does not fit leaves nothing to others, also where rows were short and not tokens.
    this.#budget = isWhole ? this.#budget - tokenCount : 0;
  }
}
