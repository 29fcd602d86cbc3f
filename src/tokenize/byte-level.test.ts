import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { byteLevelBytes } from "./byte-level.ts";
import { loadTokenizer } from "./load-tokenizer.ts";

test("byteLevelBytes() knows the character of every byte", async () => {
  const fixture = join(import.meta.dirname, "fixtures", "byte-level");
  const tokenizer = await loadTokenizer(fixture); // Its first 256 tokens are the bytes, in order.
  for (let byte = 0; byte < 256; byte++)
    assert.deepEqual([...byteLevelBytes(tokenizer.tokenString(byte))], [byte]);
});

test("byteLevelBytes() knows the space and the line feed of GPT-2's alphabet", () => {
  assert.deepEqual([...byteLevelBytes("ĠaĊ")], [0x20, 0x61, 0x0a]);
});

test("byteLevelBytes() takes a token outside the alphabet as its own text", () => {
  assert.deepEqual([...byteLevelBytes("<a b>")], [...Buffer.from("<a b>")]);
});
