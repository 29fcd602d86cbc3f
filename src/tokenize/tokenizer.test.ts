import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { loadTokenizer } from "./load-tokenizer.ts";

const fixture = join(import.meta.dirname, "fixtures", "byte-level");

test("Tokenizer shows single tokens as entry, text and bytes", async () => {
  const tokenizer = await loadTokenizer(fixture);
  assert.equal(tokenizer.tokenString(32), "Ġ");
  for (let ask = 0; ask < 2; ask++) assert.equal(tokenizer.tokenText(32), " ");
  assert.equal(tokenizer.tokenText(256), "\uFFFD");
  assert.deepEqual([...tokenizer.tokenBytes(256)], [0xe4, 0xbd]);
  assert.equal(tokenizer.tokenText(9_999), "");
  assert.equal(tokenizer.tokenCharsMax, "<|im_start|>".length);
});

test("Tokenizer shows byte tokens of sentencepiece as their byte", async () => {
  const tokenizer = await loadTokenizer(join(fixture, "..", "byte-fallback"));
  assert.deepEqual([...tokenizer.tokenBytes(3 + 0xe4)], [0xe4]);
  assert.deepEqual([...tokenizer.tokenBytes(3 + 256 + 4)], [...Buffer.from("你")]);
});

test("Tokenizer.decode() shows or skips special tokens", async () => {
  const tokenizer = await loadTokenizer(fixture);
  assert.equal(await tokenizer.decode([259, 257, 261], { skipSpecialTokens: true }), "ab<think>");
  assert.equal(
    await tokenizer.decode([259, 257, 261], { skipSpecialTokens: false }),
    "<|im_start|>ab<think>",
  );
});
