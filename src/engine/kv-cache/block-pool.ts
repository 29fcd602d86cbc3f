import assert from "node:assert/strict";

/**
 * Who owns which KV block. Blocks are numbers from 0 to blockCount - 1; the memory behind them belongs to the
 * model runner. A block has at most one owner.
 *
 * ```
 * #free   [ 7 | 3 | 5 | . | . ]      a stack: the block freed last is warm in the caches and leaves first
 *                   ^ #freeCount
 * #inUse  [ 1 1 1 0 1 0 1 0 ]        one flag a block, so that a double free is seen at once
 * ```
 */
export class BlockPool {
  readonly blockCount: number;
  readonly #free: Int32Array;
  readonly #inUse: Uint8Array;
  #freeCount: number;

  constructor(blockCount: number) {
    assert(Number.isInteger(blockCount) && blockCount > 0);
    this.blockCount = blockCount;
    this.#free = Int32Array.from({ length: blockCount }, (_, index) => blockCount - 1 - index);
    this.#inUse = new Uint8Array(blockCount);
    this.#freeCount = blockCount;
  }

  get freeCount(): number {
    return this.#freeCount;
  }

  get usedCount(): number {
    return this.blockCount - this.#freeCount;
  }

  /** Takes a free block; to ask an empty pool is a bug, see freeCount. */
  allocate(): number {
    assert(this.#freeCount > 0, "The block pool is empty");
    const block = this.#free[--this.#freeCount]!;
    assert(this.#inUse[block] === 0, `Block ${block} is free and in use`);
    this.#inUse[block] = 1;
    return block;
  }

  free(block: number): void {
    assert(this.#inUse[block] === 1, `Block ${block} is freed but not in use`);
    this.#inUse[block] = 0;
    this.#free[this.#freeCount++] = block;
  }

  /** Asserts that every block is either free once or in use. Costs O(blockCount): for tests. */
  check(): void {
    const free = this.#free.subarray(0, this.#freeCount);
    assert.equal(new Set(free).size, free.length, "A block is free twice");
    for (const block of free) assert.equal(this.#inUse[block], 0, `Block ${block} is free, in use`);
    const usedCount = this.#inUse.reduce((sum, flag) => sum + flag, 0);
    assert.equal(usedCount + free.length, this.blockCount, "A block is lost");
  }
}
