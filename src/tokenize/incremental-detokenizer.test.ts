import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { heldTokensMax, WindowDetokenizer } from "./incremental-detokenizer.ts";
import { loadTokenizer } from "./load-tokenizer.ts";
import type { TokenStream } from "./tokenizer.ts";

const fixtures = join(import.meta.dirname, "fixtures");
const byteLevel = await loadTokenizer(join(fixtures, "byte-level"));
const byteFallback = await loadTokenizer(join(fixtures, "byte-fallback"));

function deltasOf(stream: TokenStream, tokenIds: readonly number[]): string[] {
  return [...tokenIds.map((tokenId) => stream.push(tokenId)), stream.flush()];
}

test("TokenStream deltas concatenate to the whole for any bytes and special tokens", async () => {
  const tokenIds = fc.array(fc.integer({ min: 0, max: 270 }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(tokenIds, fc.boolean(), async (ids, skipSpecialTokens) => {
      const deltas = deltasOf(byteLevel.detokenizer({ skipSpecialTokens }), ids);
      assert.equal(deltas.join(""), await byteLevel.decode(ids, { skipSpecialTokens }));
    }),
    { numRuns: 300 },
  );
});

test("TokenStream deltas concatenate to the text, and none holds half a character", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 30 }), async (text) => {
      const ids = await byteLevel.encode(text, { addSpecialTokens: false });
      const deltas = deltasOf(byteLevel.detokenizer(), ids);
      assert.equal(deltas.join(""), text);
      for (const delta of deltas) assert.equal(delta.isWellFormed(), true);
      assert.equal(deltas.at(-1), "");
    }),
    { numRuns: 200 },
  );
});

test("TokenStream holds a character back until its last byte", () => {
  const stream = byteLevel.detokenizer();
  assert.deepEqual([stream.push(256), stream.push(0xa0)], ["", "你"]);
});

test("TokenStream keeps a byte order mark and flushes half a character as U+FFFD", () => {
  assert.equal(deltasOf(byteLevel.detokenizer(), [0xef, 0xbb, 0xbf, 0x61]).join(""), "\uFEFFa");
  assert.equal(deltasOf(byteLevel.detokenizer(), [0x61, 0xe4, 0xbd]).join(""), "a\uFFFD");
});

test("TokenStream of a sentencepiece vocabulary streams words and byte tokens", async () => {
  const ids = await byteFallback.encode("hello world é你!", { addSpecialTokens: false });
  const deltas = deltasOf(byteFallback.detokenizer(), ids);
  assert.equal(deltas.join(""), "hello world é你!");
  assert.ok(deltas.every((delta) => !delta.includes("\uFFFD")));
});

test("TokenStream keeps the leading space of an answer that continues a prompt", () => {
  const hello = 260; // "▁hello"
  assert.equal(byteFallback.detokenizer().push(hello), "hello");
  assert.equal(byteFallback.detokenizer({ promptTokenIds: [hello] }).push(hello), " hello");
});

test("TokenStream gives ids outside the vocabulary no text", () => {
  assert.deepEqual(deltasOf(byteLevel.detokenizer(), [100_000, 0x61]), ["", "a", ""]);
});

test("WindowDetokenizer gives replacement characters out at its limit: the window stays bounded", () => {
  let longest = 0;
  const stream = new WindowDetokenizer((tokens) => {
    longest = Math.max(longest, tokens.length);
    return "\uFFFD".repeat(tokens.length);
  });
  let text = "";
  for (let index = 0; index < 1_000; index++) text += stream.push("x");
  text += stream.flush();
  assert.equal(text.length, 1_000);
  assert.ok(longest <= 2 * heldTokensMax);
});

test("WindowDetokenizer keeps its window bounded where tokens have no text", () => {
  let longest = 0;
  const stream = new WindowDetokenizer((tokens) => {
    longest = Math.max(longest, tokens.length);
    return tokens.join("").replaceAll("-", "");
  });
  for (let index = 0; index < 1_000; index++) assert.equal(stream.push("-"), "");
  assert.equal(stream.push("x") + stream.push("y"), "xy");
  assert.ok(longest <= 2 * heldTokensMax);
});
