import assert from "node:assert/strict";
import { test } from "node:test";
import { formatNumbers } from "./format-numbers.ts";

test("formatNumbers() joins neighbours to ranges, whatever their order", () => {
  assert.equal(formatNumbers([]), "");
  assert.equal(formatNumbers([5]), "5");
  assert.equal(formatNumbers([3, 0, 1, 2, 6, 2, 10, 9]), "0-3,6,9-10");
});
