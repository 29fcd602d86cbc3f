import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteBudget } from "./byte-budget.ts";

test("ByteBudget gives room up to its limit and again once it is given back", () => {
  const budget = new ByteBudget(10);
  assert.equal(budget.take(10), true);
  assert.equal(budget.take(1), false);
  budget.giveBack(4);
  assert.equal(budget.take(5), false);
  assert.equal(budget.take(4), true);
  budget.giveBack(10);
  assert.equal(budget.takenBytes, 0);
  assert.throws(() => budget.giveBack(1), { code: "ERR_ASSERTION" });
});
