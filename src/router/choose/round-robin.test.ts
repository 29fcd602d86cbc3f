import assert from "node:assert/strict";
import { test } from "node:test";
import { view } from "../test-support/rank-views.ts";
import { roundRobin } from "./round-robin.ts";

test("roundRobin() takes eligible ranks in turn", () => {
  const choose = roundRobin();
  const ranks = view([true, false, true, true]);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => choose("same", ranks)),
    [0, 2, 3, 0],
  );
});
