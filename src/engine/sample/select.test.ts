import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { selectThreshold } from "./select.ts";

const someValues = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 200 });

test("selectThreshold() finds the k-th greatest value as a full sort does", () => {
  fc.assert(
    fc.property(someValues, fc.nat(), (values, number) => {
      const k = 1 + (number % values.length);
      const threshold = values.toSorted((a, b) => b - a)[k - 1]!;
      assert.deepEqual(selectThreshold(Float64Array.from(values), { target: k, mass: "one" }), {
        threshold,
        massAbove: values.filter((value) => value > threshold).length,
      });
    }),
  );
});

test("selectThreshold() finds where the greatest values add up to a share", () => {
  fc.assert(
    fc.property(someValues, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, share) => {
      const total = values.reduce((sum, value) => sum + value, 0);
      fc.pre(total > 0);
      const target = share * total;
      let gathered = 0;
      const threshold = values
        .toSorted((a, b) => b - a)
        .find((value) => {
          gathered += value;
          return gathered >= target;
        })!;
      const selection = selectThreshold(Float64Array.from(values), { target, mass: "value" });
      assert.equal(selection.threshold, threshold);
      assert(selection.massAbove < target);
    }),
  );
});

test("selectThreshold() gives the least value when all together miss the target", () => {
  const values = Float64Array.of(3, -Infinity, 5, 1);
  assert.equal(selectThreshold(values, { target: 9, mass: "one" }).threshold, -Infinity);
});

test("selectThreshold() ends on sorted and on equal values of a large vocabulary", () => {
  const count = 151_936;
  const ascending = Float64Array.from({ length: count }, (_, index) => index);
  assert.equal(selectThreshold(ascending, { target: 50, mass: "one" }).threshold, count - 50);
  const equal = new Float64Array(count).fill(2);
  assert.deepEqual(selectThreshold(equal, { target: 50, mass: "one" }), {
    threshold: 2,
    massAbove: 0,
  });
});
