import assert from "node:assert/strict";
import type { BlockPool } from "./block-pool.ts";

/** Blocks that hold so many tokens. */
export function blocksFor(tokenCount: number, blockSize: number): number {
  return Math.ceil(tokenCount / blockSize);
}

/** The KV blocks of one sequence in sequence order: token p lives in block p / blockSize. Grows by need. */
export class BlockTable {
  #blocks = new Int32Array(4);
  #length = 0;

  /** Blocks it holds. */
  get length(): number {
    return this.#length;
  }

  /** Takes blocks from the pool until it holds `blockCount`; the pool must have them. */
  grow(blockCount: number, pool: BlockPool): void {
    assert(blockCount - this.#length <= pool.freeCount, "The pool has too few blocks to grow");
    this.#reserve(blockCount);
    while (this.#length < blockCount) this.#blocks[this.#length++] = pool.allocate();
  }

  /** Begins with blocks that others computed, and holds them together with whoever else does. */
  adopt(blocks: readonly number[], pool: BlockPool): void {
    assert(this.#length === 0, "Only a table without blocks can adopt some");
    this.#reserve(blocks.length);
    for (const block of blocks) {
      pool.share(block);
      this.#blocks[this.#length++] = block;
    }
  }

  /**
   * Gives every block back, the last one first: of a prefix the end is lost before the beginning, without which the
   * end is of no use.
   */
  release(pool: BlockPool): void {
    while (this.#length > 0) pool.free(this.#blocks[--this.#length]!);
  }

  /** Hands its blocks over to the caller, who frees them, and holds none any more. */
  take(): Int32Array {
    const blocks = this.#blocks.slice(0, this.#length);
    this.#length = 0;
    return blocks;
  }

  /** [length] A view that grow() may leave behind. */
  view(): Int32Array {
    return this.#blocks.subarray(0, this.#length);
  }

  #reserve(blockCount: number): void {
    if (blockCount <= this.#blocks.length) return;
    const blocks = new Int32Array(Math.max(blockCount, this.#blocks.length * 2));
    blocks.set(this.#blocks);
    this.#blocks = blocks;
  }
}
