import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ProbeOrder } from "./probe-order.ts";

test("ProbeOrder takes each answer once, and none that is older than one that it has", () => {
  const order = new ProbeOrder();
  const [first, second] = [order.begin(), order.begin()];
  assert.equal(order.accept(second), true);
  assert.equal(order.accept(second), false);
  assert.equal(order.accept(first), false);
  assert.equal(order.accept(order.begin()), true);
});

test("ProbeOrder.supersede() makes answers to all probes under way old", () => {
  const order = new ProbeOrder();
  const before = order.begin();
  order.supersede();
  assert.equal(order.accept(before), false);
  assert.equal(order.accept(order.begin()), true);
});

test("ProbeOrder believes what is newest, in whatever order answers come", () => {
  const anyAnswers = fc.array(fc.nat({ max: 9 }), { maxLength: 40 });
  fc.assert(
    fc.property(anyAnswers, (answers) => {
      const order = new ProbeOrder();
      const numbers = Array.from({ length: 10 }, () => order.begin());
      let newest = -1;
      for (const which of answers) {
        assert.equal(order.accept(numbers[which]!), which > newest);
        newest = Math.max(newest, which);
      }
    }),
  );
});
