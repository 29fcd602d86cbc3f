import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCount, parsePort, parsePositive, parseSeconds, parseServerUrl } from "./parsers.ts";

test("parseCount() and parsePort() take whole numbers in their range", () => {
  assert.equal(parseCount("0"), 0);
  assert.equal(parseCount("999999999999999"), 999_999_999_999_999);
  assert.equal(parsePort("65535"), 65_535);
  for (const word of ["", "-1", "1.5", "1e3", "x", " 1", "9".repeat(16)])
    assert.throws(() => parseCount(word), SyntaxError);
  assert.throws(() => parsePort("65536"), RangeError);
});

test("parsePositive() takes whole numbers from 1 on", () => {
  assert.equal(parsePositive("1"), 1);
  for (const word of ["0", "-1", "x"]) assert.throws(() => parsePositive(word), /Expected/);
});

test("parseSeconds() takes a second to a day", () => {
  assert.deepEqual([parseSeconds("1"), parseSeconds("86400")], [1, 86_400]);
  for (const word of ["0", "86401", "1.5"]) assert.throws(() => parseSeconds(word), /Expected/);
});

test("parseServerUrl() takes the URL of a server and nothing behind it", () => {
  assert.equal(parseServerUrl("http://127.0.0.1:8100/"), "http://127.0.0.1:8100");
  assert.equal(parseServerUrl("http://[::1]:8100"), "http://[::1]:8100");
  for (const word of ["", "127.0.0.1:8100", "https://a", "http://a/v1", "http://a?b"])
    assert.throws(() => parseServerUrl(word), SyntaxError);
});
