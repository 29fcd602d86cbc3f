import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRequestHead } from "../http1/request-head.ts";
import { IdempotencyDigest } from "./idempotency-digest.ts";

function digest(line: string, framing: string, pieces: readonly string[]): string {
  const head = parseRequestHead(`${line} HTTP/1.1\r\nhost: x\r\n${framing}`, 9);
  const made = new IdempotencyDigest(head);
  for (const piece of pieces) made.push(Buffer.from(piece));
  return made.take();
}

test("IdempotencyDigest is that of method, target and content, however it is framed and cut", () => {
  const whole = digest("POST /a", "content-length: 3", ["abc"]);
  assert.equal(digest("POST /a", "content-length: 3", ["a", "", "bc"]), whole);
  const chunks = ["1\r\na\r", "\n2\r\nb", "c\r\n0\r\n\r\n"];
  assert.equal(digest("POST /a", "transfer-encoding: chunked", chunks), whole);
  const others = [
    digest("POST /a", "content-length: 3", ["abd"]),
    digest("POST /a?b", "content-length: 3", ["abc"]),
    digest("PUT /a", "content-length: 3", ["abc"]),
    digest("POST /a", "content-length: 0", []),
  ];
  assert.equal(new Set([whole, ...others]).size, 5);
});
