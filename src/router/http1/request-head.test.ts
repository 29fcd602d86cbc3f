import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRequestHead } from "./request-head.ts";

function parse(...lines: readonly string[]) {
  return parseRequestHead(lines.join("\r\n"), 10);
}

test("parseRequestHead() reads line, framing and persistence", () => {
  const head = parse("POST /v1/completions?a=b HTTP/1.1", "Host: x:80", "Content-Length: 12");
  assert.equal(head.method, "POST");
  assert.equal(head.target, "/v1/completions?a=b");
  assert.equal(head.minorVersion, 1);
  assert.equal(head.bodyLength, 12);
  assert.equal(head.keepsAlive, true);
  assert.equal(head.expectsContinue, false);
});

test("parseRequestHead() knows who keeps the connection", () => {
  assert.equal(parse("GET / HTTP/1.1", "host: x", "connection: a, Close").keepsAlive, false);
  assert.equal(parse("GET / HTTP/1.0").keepsAlive, false);
  assert.equal(parse("GET / HTTP/1.0", "connection: Keep-Alive").keepsAlive, true);
});

test("parseRequestHead() knows bodies without a length", () => {
  assert.equal(parse("GET / HTTP/1.1", "host: x").bodyLength, 0);
  const head = parse("POST / HTTP/1.1", "host: x", "Transfer-Encoding: Chunked");
  assert.equal(head.bodyLength, "chunked");
});

test("parseRequestHead() answers expectations of HTTP/1.1 only", () => {
  const lines = ["host: x", "expect: 100-Continue"];
  assert.equal(parse("POST / HTTP/1.1", ...lines).expectsContinue, true);
  assert.equal(parse("POST / HTTP/1.0", ...lines).expectsContinue, false);
  assert.throws(() => parse("POST / HTTP/1.1", "host: x", "expect: tea"), { status: 417 });
});

const refusedLines: readonly (readonly [number, string])[] = [
  [400, ""],
  [400, "GET /"],
  [400, "GET  / HTTP/1.1"],
  [400, "GET / HTTP/1.1 "],
  [400, " GET / HTTP/1.1"],
  [400, "get / HTTP/1.1"],
  [400, "GET x HTTP/1.1"],
  [400, "GET http://x/ HTTP/1.1"],
  [400, "GET /a#b HTTP/1.1"],
  [400, "GET /\u00e4 HTTP/1.1"],
  [400, "GET * HTTP/1.1"],
  [405, "CONNECT * HTTP/1.1"],
  [400, "GET / http/1.1"],
  [400, "GET / HTTP/1.10"],
  [505, "GET / HTTP/2.0"],
  [505, "GET / HTTP/1.2"],
];

for (const [status, line] of refusedLines) {
  test(`parseRequestHead() refuses the request line "${line}" with ${status}`, () => {
    assert.throws(() => parse(line, "host: x"), { name: "Refusal", status });
  });
}

/** What makes two servers disagree about where a request ends. */
const smuggling: readonly (readonly [number, string, readonly string[]])[] = [
  [400, "both lengths", ["content-length: 3", "transfer-encoding: chunked"]],
  [400, "both lengths, in the other order", ["transfer-encoding: chunked", "content-length: 3"]],
  [400, "two lengths", ["content-length: 3", "content-length: 4"]],
  [400, "two equal lengths", ["content-length: 3", "content-length: 3"]],
  [400, "a list of lengths", ["content-length: 3, 3"]],
  [400, "a signed length", ["content-length: +3"]],
  [400, "a negative length", ["content-length: -1"]],
  [400, "a hexadecimal length", ["content-length: 0x3"]],
  [400, "an empty length", ["content-length:"]],
  [400, "a length past exact numbers", ["content-length: 9999999999999999"]],
  [501, "an unknown coding", ["transfer-encoding: gzip"]],
  [501, "chunked under another coding", ["transfer-encoding: gzip, chunked"]],
  [501, "chunked twice", ["transfer-encoding: chunked, chunked"]],
  [400, "two codings", ["transfer-encoding: chunked", "transfer-encoding: identity"]],
  [501, "a coding behind a vertical look-alike", ["transfer-encoding: \u00a0chunked"]],
  [501, "a quoted coding", ['transfer-encoding: "chunked"']],
  [400, "a blank before the colon", ["transfer-encoding : chunked"]],
  [400, "a folded coding", ["transfer-encoding:", " chunked"]],
  [400, "two hosts", ["host: y"]],
];

for (const [status, what, lines] of smuggling) {
  test(`parseRequestHead() refuses ${what}`, () => {
    assert.throws(() => parse("POST / HTTP/1.1", "host: x", ...lines), { name: "Refusal", status });
  });
}

test("parseRequestHead() refuses a coding in HTTP/1.0", () => {
  assert.throws(() => parse("POST / HTTP/1.0", "transfer-encoding: chunked"), { status: 400 });
});

test("parseRequestHead() wants a proper Host in HTTP/1.1", () => {
  assert.throws(() => parse("GET / HTTP/1.1"), { status: 400 });
  assert.throws(() => parse("GET / HTTP/1.1", "host: a/b"), { status: 400 });
  assert.throws(() => parse("GET / HTTP/1.1", "host: a@b"), { status: 400 });
  assert.equal(parse("GET / HTTP/1.1", "host: [::1]:80").headers.get("host"), "[::1]:80");
});
