import assert from "node:assert/strict";
import { test } from "node:test";
import { BlockPool } from "./block-pool.ts";
import { BlockTable } from "./block-table.ts";
import { type CacheableSequence, PrefixCache } from "./prefix-cache.ts";

const blockSize = 4;

/** Counts on from `first`, or from 1. */
function makeSequence(
  length: number,
  wanted: { readonly cacheSalt?: string; readonly first?: number } = {},
) {
  const first = wanted.first ?? 1;
  const promptTokenIds = Int32Array.from({ length }, (_, at) => first + at);
  return {
    length,
    promptTokenIds,
    computedTokenCount: 0,
    blockTable: new BlockTable(),
    blockHashes: [],
    cacheSalt: wanted.cacheSalt ?? null,
    copyTokens: ({ start, count }, target) =>
      target.set(promptTokenIds.subarray(start, start + count)),
  } satisfies CacheableSequence;
}

function makeCache(lengthInvariantMax = Infinity) {
  const pool = new BlockPool(8);
  const cache = new PrefixCache({ pool, blockSize, lengthInvariantMax });
  /** Computes a whole sequence and ends it. */
  const compute = (sequence: ReturnType<typeof makeSequence>): number[] => {
    sequence.blockTable.grow(Math.ceil(sequence.length / blockSize), pool);
    sequence.computedTokenCount = sequence.length;
    cache.remember(sequence, 0);
    const blocks = [...sequence.blockTable.view()];
    sequence.blockTable.release(pool);
    return blocks;
  };
  return { pool, cache, compute };
}

test("PrefixCache.find() brings the full blocks of the longest known prefix, never the last token", () => {
  const { pool, cache, compute } = makeCache();
  const blocks = compute(makeSequence(10));
  assert.deepEqual(cache.find(makeSequence(20)), blocks.slice(0, 2));
  assert.deepEqual(cache.find(makeSequence(9)), blocks.slice(0, 2));
  assert.deepEqual(cache.find(makeSequence(8)), blocks.slice(0, 1));
  assert.deepEqual(cache.find(makeSequence(4)), []);
  assert.deepEqual(cache.find(makeSequence(20, { first: 2 })), []);
  assert.equal(pool.usedCount, 0);
});

test("PrefixCache shares only among requests with the same salt", () => {
  const { cache, compute } = makeCache();
  const blocks = compute(makeSequence(8, { cacheSalt: "a" }));
  assert.deepEqual(cache.find(makeSequence(9)), []);
  assert.deepEqual(cache.find(makeSequence(9, { cacheSalt: "b" })), []);
  assert.deepEqual(cache.find(makeSequence(9, { cacheSalt: "a" })), blocks);
});

test("PrefixCache keeps prompts apart whose keys depend on their length", () => {
  const { cache, compute } = makeCache(8);
  const short = compute(makeSequence(8));
  assert.deepEqual(cache.find(makeSequence(7)), short.slice(0, 1));
  assert.deepEqual(cache.find(makeSequence(12)), []);
  const long = compute(makeSequence(12));
  assert.deepEqual(cache.find(makeSequence(12)), long.slice(0, 2));
  assert.deepEqual(cache.find(makeSequence(13)), []);
});

test("PrefixCache loses the end of a prefix before its beginning", () => {
  const { pool, cache, compute } = makeCache();
  const blocks = compute(makeSequence(16));
  for (let taken = 0; taken < 5; taken++) pool.allocate();
  assert.deepEqual(cache.find(makeSequence(20)), blocks.slice(0, 3));
  pool.check();
});

test("PrefixCache.count() counts a sequence once", () => {
  const { cache } = makeCache();
  const sequence = makeSequence(10);
  cache.count(sequence, 2);
  cache.count(sequence, 1);
  assert.deepEqual(cache.totals, { queriesTotal: 10, hitsTotal: 8 });
});
