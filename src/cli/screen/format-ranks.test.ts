import assert from "node:assert/strict";
import { test } from "node:test";
import { formatRanks } from "./format-ranks.ts";

test("formatRanks() has a column for whatever is known of a rank", () => {
  const ranks = [
    { url: "http://a:1", state: "up", inFlight: 3, reason: "" },
    {
      url: "http://b:1",
      state: "down",
      inFlight: 0,
      reason: "connect\u001B[31m\nfailed",
      is_old: true,
    },
  ];
  assert.deepEqual(formatRanks(ranks), [
    "URL         STATE  IN FLIGHT  REASON               IS OLD",
    "http://a:1  up     3          -                    -",
    "http://b:1  down   0          connect\uFFFD[31m failed  true",
  ]);
  assert.deepEqual(formatRanks([]), ["The router has no ranks"]);
});
