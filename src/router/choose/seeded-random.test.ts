import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "./seeded-random.ts";

test("seededRandom() draws the same for a seed and something else for another", () => {
  const draws = (seed: number) => Array.from({ length: 100 }, seededRandom(seed));
  assert.deepEqual(draws(7), draws(7));
  assert.notDeepEqual(draws(7), draws(8));
  for (const draw of draws(7)) assert.ok(Number.isInteger(draw) && draw >= 0 && draw < 2 ** 32);
});

test("seededRandom() fills its range evenly", () => {
  const random = seededRandom(1);
  const counts = Array.from({ length: 16 }, () => 0);
  for (let count = 0; count < 16_000; count++) counts[random() >>> 28]! += 1;
  // 1,000 expected in each; 5 standard deviations are 153.
  for (const count of counts) assert.ok(Math.abs(count - 1_000) < 153, String(counts));
});
