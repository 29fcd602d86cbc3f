import assert from "node:assert/strict";
import { test } from "node:test";
import { isTokenIds, tokenIdsField } from "./token-ids.ts";

test("isTokenIds() takes integers of 32 bits", () => {
  for (const ids of [[], [0, 0xffff_ffff]]) assert.equal(isTokenIds(ids), true);
  for (const ids of [null, "1", [-1], [1.5], ["1"], [2 ** 32]])
    assert.equal(isTokenIds(ids), false);
});

test("tokenIdsField() counts", () => {
  const isGood = (value: unknown) => tokenIdsField(1, 2).safeParse(value).success;
  assert.deepEqual([[], [1], [1, 2], [1, 2, 3], "1"].map(isGood), [
    false,
    true,
    true,
    false,
    false,
  ]);
  assert.match(tokenIdsField(1).safeParse([]).error!.message, /at least 1 token ids/);
});
