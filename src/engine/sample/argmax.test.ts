import assert from "node:assert/strict";
import { test } from "node:test";
import { argmax } from "./argmax.ts";

test("argmax() gives the greatest, of equal ones the first", () => {
  assert.equal(argmax(Float32Array.of(1, 5, 5, -2)), 1);
  assert.equal(argmax(Float32Array.of(-Infinity, -3e38, -Infinity)), 1);
});

test("argmax() refuses logits that no token can be picked from", () => {
  for (const logits of [[NaN], [0, NaN], [NaN, 0], [Infinity, 0], [-Infinity], []])
    assert.throws(() => argmax(Float32Array.from(logits)), { code: "ENGINE_LOGITS_INVALID" });
});
