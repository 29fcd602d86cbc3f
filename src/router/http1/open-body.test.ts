import assert from "node:assert/strict";
import { test } from "node:test";
import { ChunkedBody } from "./chunked-body.ts";
import { openBody } from "./open-body.ts";

const options = { payloadBytesMax: 10, allowsTrailers: false };
const bytes = Buffer.from("abcdefgh");

test("openBody() follows a body of known length to its end", () => {
  const body = openBody(5, options);
  const ranges: number[] = [];
  assert.equal(body.advance(bytes.subarray(0, 3), 0), 3);
  assert.equal(body.isDone, false);
  assert.equal(
    body.advance(bytes, 3, (from, to) => ranges.push(from, to)),
    5,
  );
  assert.deepEqual(ranges, [3, 5]);
  assert.equal(body.isDone, true);
  assert.equal(body.advance(bytes, 5), 5);
});

test("openBody() takes every byte of a body that ends with its connection", () => {
  const body = openBody("close", options);
  assert.equal(body.advance(bytes, 2), bytes.length);
  assert.equal(body.isDone, false);
});

test("openBody() knows empty bodies and chunked ones", () => {
  assert.equal(openBody(0, options).isDone, true);
  assert.ok(openBody("chunked", options) instanceof ChunkedBody);
});

test("openBody() takes a length at its limit and refuses one past it", () => {
  assert.equal(openBody(10, options).isDone, false);
  assert.throws(() => openBody(11, options), { name: "Refusal", status: 413 });
});
