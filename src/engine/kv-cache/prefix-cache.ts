import { type BlockHash, blockHash, noneHash } from "./block-hash.ts";
import type { BlockPool } from "./block-pool.ts";
import type { BlockTable } from "./block-table.ts";

export interface PrefixCacheOptions {
  readonly pool: BlockPool;
  readonly blockSize: number;
  /** See ModelRunner. */
  readonly lengthInvariantMax: number;
}

/** What the cache must know of a sequence. */
export interface CacheableSequence {
  /** All its tokens. */
  readonly length: number;
  readonly promptTokenIds: Int32Array;
  readonly computedTokenCount: number;
  readonly blockTable: BlockTable;
  /** Hashes of its first full blocks, as far as they were ever needed; the cache adds to them. */
  readonly blockHashes: BlockHash[];
  /** vLLM's cache_salt: only requests with the same one share blocks. */
  readonly cacheSalt: string | null;
  copyTokens(range: { readonly start: number; readonly count: number }, target: Int32Array): void;
}

/** Finds the blocks of a sequence that others, or it itself before a preemption, have computed already. */
export class PrefixCache {
  readonly #options: PrefixCacheOptions;
  readonly #noneHash = noneHash();
  readonly #counted = new WeakSet<CacheableSequence>();
  #queriesTotal = 0;
  #hitsTotal = 0;

  constructor(options: PrefixCacheOptions) {
    this.#options = options;
  }

  /** Tokens that were looked for, and those of them that were there. */
  get totals(): { readonly queriesTotal: number; readonly hitsTotal: number } {
    return { queriesTotal: this.#queriesTotal, hitsTotal: this.#hitsTotal };
  }

  /** The blocks of its longest known prefix. It never is the whole sequence: the last token is computed for its logits. */
  find(sequence: CacheableSequence): readonly number[] {
    const { pool, blockSize } = this.#options;
    const blockCountMax = Math.floor((sequence.length - 1) / blockSize);
    const blocks: number[] = [];
    while (blocks.length < blockCountMax) {
      const block = pool.find(this.#hashOf(sequence, blocks.length));
      if (block === undefined) break;
      blocks.push(block);
    }
    return blocks;
  }

  /** Notes that a sequence goes on from what was found; it counts the first time only, not after a preemption. */
  count(sequence: CacheableSequence, foundCount: number): void {
    if (this.#counted.has(sequence)) return;
    this.#counted.add(sequence);
    this.#queriesTotal += sequence.length;
    this.#hitsTotal += foundCount * this.#options.blockSize;
  }

  /** Lets the blocks be found that became full since `computedBefore` tokens were computed. */
  remember(sequence: CacheableSequence, computedBefore: number): void {
    const { pool, blockSize } = this.#options;
    const blocks = sequence.blockTable.view();
    const fullCount = Math.floor(sequence.computedTokenCount / blockSize);
    for (let index = Math.floor(computedBefore / blockSize); index < fullCount; index++)
      pool.remember(blocks[index]!, this.#hashOf(sequence, index));
  }

  #hashOf(sequence: CacheableSequence, index: number): BlockHash {
    const { blockHashes } = sequence;
    for (let next = blockHashes.length; next <= index; next++)
      blockHashes.push(this.#nextHash(sequence, next));
    return blockHashes[index]!;
  }

  #nextHash(sequence: CacheableSequence, index: number): BlockHash {
    const { blockSize } = this.#options;
    const tokenIds = new Int32Array(blockSize);
    sequence.copyTokens({ start: index * blockSize, count: blockSize }, tokenIds);
    return blockHash({
      parent: sequence.blockHashes[index - 1] ?? this.#noneHash,
      tokenIds,
      extraKeys: this.#extraKeys(sequence, index),
    });
  }

  /** The salt stands in the first block only, as in vLLM: it reaches the others through their parents. */
  #extraKeys({ promptTokenIds, cacheSalt }: CacheableSequence, index: number): readonly string[] {
    const { blockSize, lengthInvariantMax } = this.#options;
    const promptLength = promptTokenIds.length;
    const keys = cacheSalt !== null && index === 0 ? [cacheSalt] : [];
    if (Math.max(promptLength, (index + 1) * blockSize) > lengthInvariantMax)
      keys.push(`prompt of ${promptLength} tokens`);
    return keys;
  }
}
