import assert from "node:assert/strict";
import { test } from "node:test";
import { byteLevelBytes, byteLevelCharacter } from "./byte-level.ts";

test("byteLevelBytes() reads back what byteLevelCharacter() writes, for every byte", () => {
  for (let byte = 0; byte < 256; byte++)
    assert.deepEqual([...byteLevelBytes(byteLevelCharacter(byte))], [byte]);
});

test("byteLevelBytes() knows the space and the line feed of GPT-2's alphabet", () => {
  assert.deepEqual([...byteLevelBytes("ĠaĊ")], [0x20, 0x61, 0x0a]);
});

test("byteLevelBytes() takes a token outside the alphabet as its own text", () => {
  assert.deepEqual([...byteLevelBytes("<a b>")], [...Buffer.from("<a b>")]);
});

test("byteLevelCharacter() refuses what is no byte", () => {
  assert.throws(() => byteLevelCharacter(256), RangeError);
});
