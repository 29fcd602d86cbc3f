import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRequestHead } from "../http1/request-head.ts";
import { isSafeToRepeat } from "./is-safe-to-repeat.ts";

const isSafe = (line: string) => isSafeToRepeat(parseRequestHead(`${line} HTTP/1.1\r\nhost: x`, 8));

test("isSafeToRepeat() takes what only reads or computes", () => {
  for (const line of ["GET /x", "HEAD /x", "POST /v1/completions?x", "POST /tokenize"]) {
    assert.equal(isSafe(line), true, line);
  }
});

test("isSafeToRepeat() leaves alone what changes a rank or is unknown", () => {
  for (const line of [
    "POST /update_weights",
    "POST /v1/load_lora_adapter",
    "DELETE /x",
    "PUT /x",
  ]) {
    assert.equal(isSafe(line), false, line);
  }
});
