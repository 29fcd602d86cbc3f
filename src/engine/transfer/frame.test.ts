import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeHeader, encodeFrame, frameTypes, headerBytes } from "./frame.ts";

test("encodeFrame() writes length, type and checksum before the payload", () => {
  const frame = encodeFrame(frameTypes.pull, Buffer.from("abc"));
  assert.equal(frame.subarray(0, 8).toString("hex"), "0000000302000000");
  assert.equal(frame.subarray(headerBytes).toString(), "abc");
  const { type, length, checksum } = decodeHeader(frame, 3);
  assert.deepEqual([type, length], [frameTypes.pull, 3]);
  // zlib.crc32 in Python of the bytes 00 00 00 03 02 00 00 00 61 62 63.
  assert.equal(checksum, 0xb8f23ff6);
});

test("decodeHeader() refuses types that it does not know and frames over the limit", () => {
  const frame = encodeFrame(frameTypes.pull, Buffer.from("abc"));
  assert.throws(() => decodeHeader(frame, 2), /3 bytes came, it may have 2/);
  frame[4] = 99;
  assert.throws(() => decodeHeader(frame, 3), /unknown type 99/);
});
