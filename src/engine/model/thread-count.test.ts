import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseThreadCount } from "./thread-count.ts";

test("chooseThreadCount() gives small models one thread and large ones every core", () => {
  assert.equal(chooseThreadCount(8, 1_000_000), 1);
  assert.equal(chooseThreadCount(8, 20_000_000), 2);
  assert.equal(chooseThreadCount(8, 600_000_000), 8);
});
