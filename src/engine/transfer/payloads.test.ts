import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ProtocolError } from "./frame.ts";
import {
  decodeBlocksHead,
  decodePull,
  decodeReason,
  decodeRelease,
  encodePull,
  encodeReason,
  encodeRelease,
} from "./payloads.ts";

const hex = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((id) => Buffer.from(id).toString("hex"));

test("decodePull() and decodeRelease() read what was written", () => {
  const ids = fc.array(fc.nat(), { minLength: 1, maxLength: 20 });
  const property = fc.property(hex(16), hex(32), ids, (requestId, tokensDigest, blocks) => {
    const pull = { requestId, tokensDigest, blockIds: Int32Array.from(blocks) };
    assert.deepEqual(decodePull(encodePull(pull)), pull);
    assert.equal(decodeRelease(encodeRelease(requestId)), requestId);
  });
  fc.assert(property);
});

test("Decoders throw nothing but ProtocolError, whatever comes", () => {
  const property = fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
    for (const decode of [decodePull, decodeRelease, decodeBlocksHead, decodeReason]) {
      try {
        decode(Buffer.from(bytes));
      } catch (error) {
        assert(error instanceof ProtocolError);
      }
    }
  });
  fc.assert(property, { numRuns: 1_000 });
});

test("decodeReason() gives one line of text within its limit", () => {
  assert.equal(decodeReason(encodeReason("a\nb\u001b[31m")), "a b [31m");
  assert.equal(encodeReason("x".repeat(5_000)).length, 1_024);
});
