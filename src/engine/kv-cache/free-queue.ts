import assert from "node:assert/strict";

/**
 * The free blocks in the order in which they are given out again: a list that is linked both ways, because a block
 * that is found in the cache leaves it from the middle.
 *
 * ```
 * head <-> 7 <-> 3 <-> 5 <-> tail      head and tail are the one entry past the blocks
 * ```
 */
export class FreeQueue {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #end: number;
  #length = 0;

  /** Holds the blocks 0 to blockCount - 1 in order. */
  constructor(blockCount: number) {
    this.#end = blockCount;
    this.#next = new Int32Array(blockCount + 1).fill(-1);
    this.#previous = new Int32Array(blockCount + 1).fill(-1);
    this.#next[this.#end] = this.#end;
    this.#previous[this.#end] = this.#end;
    for (let block = 0; block < blockCount; block++) this.pushBack(block);
  }

  get length(): number {
    return this.#length;
  }

  has(block: number): boolean {
    return this.#next[block] !== -1;
  }

  shift(): number {
    const block = this.#next[this.#end]!;
    assert(block !== this.#end, "The block pool is empty");
    this.remove(block);
    return block;
  }

  pushBack(block: number): void {
    this.#insert(block, this.#previous[this.#end]!, this.#end);
  }

  pushFront(block: number): void {
    this.#insert(block, this.#end, this.#next[this.#end]!);
  }

  remove(block: number): void {
    assert(this.has(block), `Block ${block} is not free`);
    const next = this.#next[block]!;
    const previous = this.#previous[block]!;
    this.#next[previous] = next;
    this.#previous[next] = previous;
    this.#next[block] = -1;
    this.#length -= 1;
  }

  /** From the first to leave to the last. */
  *[Symbol.iterator](): Generator<number> {
    for (let block = this.#next[this.#end]!; block !== this.#end; block = this.#next[block]!)
      yield block;
  }

  #insert(block: number, previous: number, next: number): void {
    assert(!this.has(block), `Block ${block} is free already`);
    this.#next[block] = next;
    this.#previous[block] = previous;
    this.#next[previous] = block;
    this.#previous[next] = block;
    this.#length += 1;
  }
}
