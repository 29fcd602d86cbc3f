import assert from "node:assert/strict";
import { test } from "node:test";
import { Headers, parseHeaders } from "./headers.ts";

test("parseHeaders() gives names in lower case and values without outer blanks", () => {
  const headers = parseHeaders("first\r\nHost:\t x \r\nEmpty:\r\nA: b: c\u00a0", 7, 10);
  assert.deepEqual(headers.names, ["host", "empty", "a"]);
  assert.deepEqual(headers.values, ["x", "", "b: c\u00a0"]);
});

test("parseHeaders() refuses folded lines, nameless lines and blanks in names", () => {
  for (const line of [
    " folded",
    "\tfolded",
    "no colon",
    ": x",
    "a : b",
    "a\u00e4: b",
    "a(: b",
    "",
  ]) {
    assert.throws(() => parseHeaders(`a: b\r\n${line}\r\nc: d`, 0, 10), { status: 400 }, line);
  }
});

test("parseHeaders() refuses one header more than its limit", () => {
  assert.equal(parseHeaders("a: 1\r\nb: 2", 0, 2).names.length, 2);
  assert.throws(() => parseHeaders("a: 1\r\nb: 2\r\nc: 3", 0, 2), { status: 431 });
});

test("Headers.single() refuses a repeated field", () => {
  const headers = new Headers();
  headers.add("host", "a");
  assert.equal(headers.single("host"), "a");
  assert.equal(headers.single("other"), undefined);
  headers.add("host", "a");
  assert.throws(() => headers.single("host"), { status: 400 });
});

test("Headers.tokens() gathers the lists of all fields of the name", () => {
  const headers = parseHeaders("connection: Keep-Alive, X-A\r\nx-a: 1\r\nConnection: ,te", 0, 10);
  assert.deepEqual(headers.tokens("connection"), ["keep-alive", "x-a", "te"]);
  assert.deepEqual(headers.tokens("upgrade"), []);
  const odd = parseHeaders("connection:\t, ,\tclose\u00a0,CLOSE\t,", 0, 10);
  assert.deepEqual(odd.tokens("connection"), ["close\u00a0", "close"]);
});
