import assert from "node:assert/strict";
import { test } from "node:test";
import { BlockPool } from "./block-pool.ts";
import { blocksFor, BlockTable } from "./block-table.ts";

test("blocksFor() rounds up to whole blocks", () => {
  assert.deepEqual(
    [0, 1, 16, 17].map((tokens) => blocksFor(tokens, 16)),
    [0, 1, 1, 2],
  );
});

test("BlockTable grows by need, keeps its order and never shrinks", () => {
  const pool = new BlockPool(20);
  const table = new BlockTable();
  table.grow(3, pool);
  const first = [...table.view()];
  table.grow(2, pool);
  table.grow(11, pool);
  assert.equal(table.length, 11);
  assert.deepEqual([...table.view().subarray(0, 3)], first);
  assert.equal(new Set(table.view()).size, 11);
  assert.equal(pool.usedCount, 11);
});

test("BlockTable.release() gives every block back", () => {
  const pool = new BlockPool(9);
  const table = new BlockTable();
  table.grow(9, pool);
  table.release(pool);
  assert.equal(table.length, 0);
  assert.equal(pool.freeCount, 9);
  pool.check();
});

test("BlockTable.grow() asserts past the pool and takes nothing", () => {
  const pool = new BlockPool(3);
  const table = new BlockTable();
  assert.throws(() => table.grow(4, pool), /too few/);
  assert.equal(pool.freeCount, 3);
});

test("BlockTable.adopt() holds blocks beside their other holders, take() hands all over", () => {
  const pool = new BlockPool(4);
  const [first, second] = [new BlockTable(), new BlockTable()];
  first.grow(2, pool);
  second.adopt([...first.view()], pool);
  second.grow(3, pool);
  assert.equal(pool.usedCount, 3);
  first.release(pool);
  assert.equal(pool.usedCount, 3);
  const taken = second.take();
  assert.deepEqual([taken.length, second.length, pool.usedCount], [3, 0, 3]);
  for (const block of taken) pool.free(block);
  assert.equal(pool.usedCount, 0);
  pool.check();
});
