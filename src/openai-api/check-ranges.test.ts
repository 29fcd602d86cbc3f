import assert from "node:assert/strict";
import { test } from "node:test";
import { checkRanges, logitBiasOf, stopStringsOf } from "./check-ranges.ts";
import { logitBiasEntriesMax, stopStringCharsMax, stopStringsMax } from "./limits.ts";

test("checkRanges() takes both ends of closed ranges", () => {
  checkRanges({ temperature: 0, top_p: 1, top_k: -1, min_p: 0, presence_penalty: -2 });
  checkRanges({ temperature: 2, top_p: 0.001, min_p: 1, frequency_penalty: 2, n: 1 });
  assert.throws(() => checkRanges({ top_p: 0 }), { message: /top_p must be in \(0, 1\], got 0/ });
  assert.throws(() => checkRanges({ temperature: 2.0001 }), { status: 400 });
});

test("stopStringsOf() takes one string, a list, and no more than its limits", () => {
  assert.deepEqual(stopStringsOf({ stop: "a" }), ["a"]);
  assert.deepEqual(stopStringsOf({ stop: null }), []);
  const many = Array.from({ length: stopStringsMax }, (_, index) => `${index}`);
  assert.equal(stopStringsOf({ stop: many }).length, stopStringsMax);
  assert.throws(() => stopStringsOf({ stop: [...many, "x"] }), { status: 400 });
  assert.ok(stopStringsOf({ stop: "x".repeat(stopStringCharsMax) }));
  assert.throws(() => stopStringsOf({ stop: "x".repeat(stopStringCharsMax + 1) }), { status: 400 });
});

test("logitBiasOf() keeps biases within 100 and refuses more entries than its limit", () => {
  assert.equal(logitBiasOf({ logit_bias: {} }), null);
  assert.deepEqual(logitBiasOf({ logit_bias: { "1": 500, "2": -500, "3": 0.5 } }), {
    1: 100,
    2: -100,
    3: 0.5,
  });
  const entries = Array.from({ length: logitBiasEntriesMax + 1 }, (_, index) => [index, 1]);
  const logit_bias = Object.fromEntries(entries) as Record<string, number>;
  assert.throws(() => logitBiasOf({ logit_bias }), { status: 400 });
  assert.throws(() => logitBiasOf({ logit_bias: { "-1": 1 } }), { status: 400 });
});
