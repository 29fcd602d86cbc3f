import assert from "node:assert/strict";
import { test } from "node:test";
import { openBody } from "./open-body.ts";
import { withoutTrailers } from "./without-trailers.ts";

const options = { payloadBytesMax: 100, allowsTrailers: true };

test("withoutTrailers() leaves out trailers and nothing else, wherever the body begins", () => {
  const chunk = Buffer.from("head1\r\na\r\n0\r\nx-a: b\r\n\r\nnext");
  const body = openBody("chunked", options);
  const end = body.advance(chunk, 4);
  const passedOn = withoutTrailers(body, chunk.subarray(4, end), 4);
  assert.equal(passedOn.toString(), "1\r\na\r\n0\r\n\r\n");
});

test("withoutTrailers() gives bytes without trailers as they are", () => {
  for (const [length, text] of [["chunked", "0\r\n\r\n"] as const, [3, "abc"] as const]) {
    const body = openBody(length, options);
    const chunk = Buffer.from(text);
    body.advance(chunk, 0);
    assert.equal(withoutTrailers(body, chunk, 0), chunk);
  }
});

test("withoutTrailers() gives no bytes where all of them are trailers", () => {
  const body = openBody("chunked", options);
  body.advance(Buffer.from("0\r\nx-a"), 0);
  const chunk = Buffer.from(": b");
  body.advance(chunk, 0);
  assert.equal(withoutTrailers(body, chunk, 0).length, 0);
});
