import assert from "node:assert/strict";
import { test } from "node:test";
import { deepFreeze } from "./deep-freeze.ts";

test("deepFreeze() freezes objects inside lists inside objects", () => {
  const tree = deepFreeze({ ranks: [{ port: 8100 }], name: "x" });
  assert.throws(() => {
    (tree.ranks[0] as { port: number }).port = 1;
  }, TypeError);
  assert.throws(() => (tree.ranks as unknown[]).push(1), TypeError);
  assert.deepEqual(tree, { ranks: [{ port: 8100 }], name: "x" });
});
