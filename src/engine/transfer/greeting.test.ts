import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { KvFacts } from "../kv-memory.ts";
import { ProtocolError } from "./frame.ts";
import { decodeGreeting, encodeGreeting, mismatchOf } from "./greeting.ts";

const facts: KvFacts = {
  model: "m",
  dtype: "float32",
  layerCount: 2,
  kvHeadCount: 2,
  headDim: 8,
  blockSize: 16,
};

test("mismatchOf() finds nothing between equal engines, and names what differs", () => {
  assert.equal(mismatchOf(facts, decodeGreeting(encodeGreeting(facts))), null);
  const others = {
    model: "n",
    dtype: "int8",
    layerCount: 3,
    kvHeadCount: 1,
    headDim: 4,
    blockSize: 8,
  };
  for (const [name, value] of Object.entries(others)) {
    const mismatch = mismatchOf(facts, { ...facts, [name]: value });
    assert.match(mismatch!, new RegExp(`its ${name} is "${value}" there`));
  }
  assert.match(mismatchOf(facts, {})!, /its model is "missing" there and "m" here/);
  assert.equal(mismatchOf(facts, { ...facts, later: 1 }), null);
});

test("decodeGreeting() refuses other protocols, other versions and what is no object", () => {
  const greeting = encodeGreeting(facts);
  const withByte = (at: number) => {
    const changed = Buffer.from(greeting);
    changed[at]! += 1;
    return changed;
  };
  assert.throws(() => decodeGreeting(withByte(0)), /no side channel/);
  assert.throws(() => decodeGreeting(withByte(5)), /version 2 of the protocol, not 1/);
  assert.throws(() => decodeGreeting(greeting.subarray(0, 20)), /no JSON/);
  assert.throws(
    () => decodeGreeting(Buffer.concat([greeting.subarray(0, 6), Buffer.from("[]")])),
    /no object/,
  );
  assert.throws(
    () => decodeGreeting(Buffer.concat([greeting, Buffer.alloc(5_000, 32)])),
    /too long/,
  );
});

test("decodeGreeting() throws nothing but ProtocolError, whatever comes", () => {
  const property = fc.property(fc.uint8Array(), (bytes) => {
    for (const payload of [
      Buffer.from(bytes),
      Buffer.concat([encodeGreeting(facts).subarray(0, 6), bytes]),
    ])
      try {
        decodeGreeting(payload);
      } catch (error) {
        assert(error instanceof ProtocolError);
      }
  });
  fc.assert(property);
});
