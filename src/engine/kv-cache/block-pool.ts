import assert from "node:assert/strict";
import type { BlockHash } from "./block-hash.ts";
import { FreeQueue } from "./free-queue.ts";

/**
 * Who holds which KV block, and which blocks are worth finding again. Blocks are numbers from 0 to blockCount - 1; the
 * memory behind them belongs to the model runner.
 *
 * A block in use has as many holders as its reference count says; only full blocks, which nobody writes any more, have
 * more than one. A free block keeps its hash, and may be found and held again, until it is given to a new owner: the
 * one that was freed longest ago goes first, as in vLLM. A free block without a hash is of no use to anybody and goes
 * before all others, the one freed last first, because it is warm in the processor's caches.
 */
export class BlockPool {
  readonly blockCount: number;
  readonly #free: FreeQueue;
  readonly #referenceCounts: Int32Array;
  readonly #hashes: (BlockHash | null)[];
  readonly #byHash = new Map<BlockHash, number>();

  constructor(blockCount: number) {
    assert(Number.isInteger(blockCount) && blockCount > 0);
    this.blockCount = blockCount;
    this.#free = new FreeQueue(blockCount);
    this.#referenceCounts = new Int32Array(blockCount);
    this.#hashes = Array.from({ length: blockCount }, () => null);
  }

  /** Blocks that can be given out, those that keep a hash included. */
  get freeCount(): number {
    return this.#free.length;
  }

  get usedCount(): number {
    return this.blockCount - this.#free.length;
  }

  /** Blocks that can be found by their hash. */
  get cachedCount(): number {
    return this.#byHash.size;
  }

  referenceCount(block: number): number {
    return this.#referenceCounts[block]!;
  }

  /** Takes a free block, which forgets its hash; to ask an empty pool is a bug, see freeCount. */
  allocate(): number {
    const block = this.#free.shift();
    assert(this.#referenceCounts[block] === 0, `Block ${block} is free and in use`);
    this.#referenceCounts[block] = 1;
    this.#forget(block);
    return block;
  }

  /** One holder more of a block that find() has brought. */
  share(block: number): void {
    if (this.#referenceCounts[block] === 0) this.#free.remove(block);
    this.#referenceCounts[block]! += 1;
  }

  /** One holder less. */
  free(block: number): void {
    const count = this.#referenceCounts[block];
    assert(count !== undefined && count > 0, `Block ${block} is freed but not in use`);
    this.#referenceCounts[block] = count - 1;
    if (count > 1) return;
    if (this.#hashes[block] === null) this.#free.pushFront(block);
    else this.#free.pushBack(block);
  }

  /** Lets a full block be found. Of two blocks with the same content the first stays the one that is found. */
  remember(block: number, hash: BlockHash): void {
    assert(this.#referenceCounts[block]! > 0, `Block ${block} is not in use`);
    if (this.#hashes[block] !== null || this.#byHash.has(hash)) return;
    this.#hashes[block] = hash;
    this.#byHash.set(hash, block);
  }

  find(hash: BlockHash): number | undefined {
    return this.#byHash.get(hash);
  }

  /** Asserts that every block is either free once or in use, and that hashes lead where they should. For tests. */
  check(): void {
    const free = [...this.#free];
    assert.equal(free.length, this.#free.length);
    assert.equal(new Set(free).size, free.length, "A block is free twice");
    for (const block of free) assert.equal(this.#referenceCounts[block], 0, `${block} is in use`);
    const usedCount = this.#referenceCounts.filter((count) => count > 0).length;
    assert.equal(usedCount + free.length, this.blockCount, "A block is lost");
    for (const [hash, block] of this.#byHash) assert.equal(this.#hashes[block], hash);
    const hashCount = this.#hashes.filter((hash) => hash !== null).length;
    assert.equal(hashCount, this.#byHash.size, "A hash leads to another block");
  }

  #forget(block: number): void {
    const hash = this.#hashes[block] ?? null;
    if (hash === null) return;
    this.#byHash.delete(hash);
    this.#hashes[block] = null;
  }
}
