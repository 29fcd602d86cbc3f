import assert from "node:assert/strict";
import { test } from "node:test";
import { parseResponseHead } from "./response-head.ts";

function parse(method: string, ...lines: readonly string[]) {
  return parseResponseHead(lines.join("\r\n"), method, 10);
}

test("parseResponseHead() reads status, reason and framing", () => {
  const head = parse("GET", "HTTP/1.1 404 Not Found", "content-length: 5");
  assert.equal(head.status, 404);
  assert.equal(head.reason, "Not Found");
  assert.equal(head.bodyLength, 5);
  assert.equal(head.keepsAlive, true);
  assert.equal(parse("GET", "HTTP/1.1 200").reason, "");
});

test("parseResponseHead() tells the three ways in which a body ends, and none at all", () => {
  assert.equal(parse("GET", "HTTP/1.1 200 OK", "transfer-encoding: chunked").bodyLength, "chunked");
  assert.equal(parse("GET", "HTTP/1.1 200 OK").bodyLength, "close");
  assert.equal(parse("HEAD", "HTTP/1.1 200 OK", "content-length: 5").bodyLength, 0);
  assert.equal(parse("HEAD", "HTTP/1.1 200 OK", "transfer-encoding: chunked").bodyLength, 0);
  assert.equal(parse("GET", "HTTP/1.1 204 No Content").bodyLength, 0);
  assert.equal(parse("GET", "HTTP/1.1 304 Not Modified", "content-length: 5").bodyLength, 0);
});

test("parseResponseHead() knows who keeps the connection", () => {
  assert.equal(parse("GET", "HTTP/1.0 200 OK").keepsAlive, false);
  assert.equal(parse("GET", "HTTP/1.0 200 OK", "connection: keep-alive").keepsAlive, true);
  assert.equal(parse("GET", "HTTP/1.1 200 OK", "connection: close").keepsAlive, false);
});

test("parseResponseHead() refuses what could be read in two ways", () => {
  const both = ["content-length: 3", "transfer-encoding: chunked"];
  for (const lines of [
    ["HTTP/1.1 200 OK", ...both],
    ["HTTP/1.1 200 OK", "content-length: 3", "content-length: 3"],
    ["HTTP/1.1 204 No Content", "transfer-encoding: chunked"],
    ["HTTP/2 200 OK"],
    ["HTTP/1.1 20 OK"],
    ["HTTP/1.1 2000 OK"],
    ["200 OK"],
    [""],
  ]) {
    assert.throws(() => parse("GET", ...lines), { name: "Refusal" }, lines.join("|"));
  }
});
