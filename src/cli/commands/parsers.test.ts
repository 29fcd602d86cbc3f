import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseCount,
  parseDecimalSeconds,
  parseHeaderName,
  parseOrigin,
  parsePath,
  parsePort,
  parsePositive,
  parseSeconds,
  parseServerUrl,
  parseSocketPath,
  wholeNumber,
} from "./parsers.ts";

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

test("wholeNumber() names its range and its unit", () => {
  const parse = wholeNumber(1, 64, "threads");
  assert.deepEqual([parse("1"), parse("64")], [1, 64]);
  for (const word of ["0", "65"])
    assert.throws(() => parse(word), { message: `Expected 1 to 64 threads, found "${word}"` });
  assert.throws(() => wholeNumber(2, 3)("1"), { message: 'Expected 2 to 3, found "1"' });
  assert.throws(() => parse("1.5"), SyntaxError);
});

test("parseDecimalSeconds() takes none to a day, to the millisecond", () => {
  assert.deepEqual([parseDecimalSeconds("0"), parseDecimalSeconds("1.5")], [0, 1.5]);
  assert.equal(parseDecimalSeconds("86400"), 86_400);
  for (const word of ["", "-1", "86400.1", "1e3", "x", ".5", "1.2345"])
    assert.throws(() => parseDecimalSeconds(word), /Expected 0 to 86400 seconds/);
});

test("parseSocketPath() takes no path that no socket can have, parsePath() any but none", () => {
  const longest = "/".padEnd(107, "s");
  assert.equal(parseSocketPath(longest), longest);
  assert.throws(() => parseSocketPath(`${longest}s`), /1 to 107 bytes for a socket, found 108/);
  assert.throws(() => parseSocketPath(""), RangeError);
  assert.equal(parsePath("-"), "-");
  assert.throws(() => parsePath(""), SyntaxError);
});

test("parseOrigin() takes what browsers send as an origin, or a star", () => {
  for (const word of ["*", "https://chat.example", "http://localhost:3000"])
    assert.equal(parseOrigin(word), word);
  for (const word of [
    "",
    "chat.example",
    "https://chat.example/",
    "https://a/b",
    "HTTPS://A",
    "null",
  ])
    assert.throws(() => parseOrigin(word), SyntaxError);
});

test("parseHeaderName() takes tokens only", () => {
  assert.equal(parseHeaderName("X-Session-ID"), "X-Session-ID");
  for (const word of ["", "a b", "a:", "ä", "a".repeat(257)])
    assert.throws(() => parseHeaderName(word), SyntaxError);
});
