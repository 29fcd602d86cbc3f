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
