import assert from "node:assert/strict";
import { test } from "node:test";
import { BlockPool } from "./block-pool.ts";

test("BlockPool hands out every block once and is empty at its limit", () => {
  const pool = new BlockPool(5);
  const blocks = Array.from({ length: 5 }, () => pool.allocate());
  assert.deepEqual(
    blocks.toSorted((a, b) => a - b),
    [0, 1, 2, 3, 4],
  );
  assert.equal(pool.freeCount, 0);
  assert.equal(pool.usedCount, 5);
  assert.throws(() => pool.allocate(), /empty/);
  pool.check();
});

test("BlockPool gives a freed block again", () => {
  const pool = new BlockPool(2);
  const block = pool.allocate();
  pool.free(block);
  assert.equal(pool.allocate(), block);
  pool.check();
});

test("BlockPool asserts on a double free and on blocks it never had", () => {
  const pool = new BlockPool(2);
  const block = pool.allocate();
  pool.free(block);
  for (const wrong of [block, 2, -1, 0.5]) assert.throws(() => pool.free(wrong), /not in use/);
  assert.equal(pool.freeCount, 2);
  pool.check();
});

test("BlockPool keeps a block until its last holder frees it", () => {
  const pool = new BlockPool(2);
  const block = pool.allocate();
  pool.remember(block, "hash");
  pool.share(block);
  assert.equal(pool.referenceCount(block), 2);
  pool.free(block);
  assert.equal(pool.freeCount, 1);
  pool.free(block);
  assert.equal(pool.freeCount, 2);
  assert.throws(() => pool.free(block), /not in use/);
  pool.check();
});

test("BlockPool finds a freed block by its hash until it has a new owner, the longest freed one first", () => {
  const pool = new BlockPool(3);
  const blocks = ["a", "b", "c"].map((hash) => {
    const block = pool.allocate();
    pool.remember(block, hash);
    return block;
  });
  for (const block of blocks) pool.free(block);
  pool.share(pool.find("a")!);
  assert.equal(pool.freeCount, 2);
  assert.equal(pool.allocate(), blocks[1]);
  assert.equal(pool.find("b"), undefined);
  assert.equal(pool.find("c"), blocks[2]);
  assert.equal(pool.cachedCount, 2);
  pool.check();
});

test("BlockPool gives out blocks without a hash before all others", () => {
  const pool = new BlockPool(2);
  const [cached, plain] = [pool.allocate(), pool.allocate()];
  pool.remember(cached, "a");
  pool.free(cached);
  pool.free(plain);
  assert.equal(pool.allocate(), plain);
  assert.equal(pool.find("a"), cached);
});

test("BlockPool.remember() keeps the first of two blocks with the same content", () => {
  const pool = new BlockPool(2);
  const [first, second] = [pool.allocate(), pool.allocate()];
  pool.remember(first, "a");
  pool.remember(second, "a");
  assert.equal(pool.find("a"), first);
  pool.check();
});
