import assert from "node:assert/strict";
import { test } from "node:test";
import { view } from "../test-support/rank-views.ts";
import { leastInFlight } from "./least-in-flight.ts";

test("leastInFlight() takes the eligible rank with the fewest requests", () => {
  const choose = leastInFlight();
  assert.equal(choose(undefined, view([true, true, true], [2, 1, 2])), 1);
  assert.equal(choose(undefined, view([true, false, true], [2, 1, 3])), 0);
});

test("leastInFlight() takes even ranks in turn", () => {
  const choose = leastInFlight();
  const ranks = view([true, true, false, true]);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => choose(undefined, ranks)),
    [0, 1, 3, 0],
  );
});
