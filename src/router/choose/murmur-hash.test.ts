import assert from "node:assert/strict";
import { test } from "node:test";
import { mix, murmurHash3 } from "./murmur-hash.ts";

test("murmurHash3() gives the published values", () => {
  const published: readonly (readonly [string, number, number])[] = [
    ["", 0, 0],
    ["", 1, 0x514e28b7],
    ["", 0xffffffff, 0x81f16f39],
    ["test", 0, 0xba6bd213],
    ["test", 0x9747b28c, 0x704b81dc],
    ["Hello, world!", 0, 0xc0363e43],
    ["Hello, world!", 0x9747b28c, 0x24884cba],
    ["The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723],
    ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
  ];
  for (const [text, seed, hash] of published) assert.equal(murmurHash3(text, seed), hash, text);
});

test("murmurHash3() tells texts of every length apart in each byte", () => {
  const texts = Array.from({ length: 9 }, (_, length) => "a".repeat(length));
  const changed = texts.flatMap((text) =>
    Array.from(text, (_, index) => `${text.slice(0, index)}b${text.slice(index + 1)}`),
  );
  const hashes = new Set([...texts, ...changed].map((text) => murmurHash3(text)));
  assert.equal(hashes.size, texts.length + changed.length);
});

test("mix() gives 32 unsigned bits", () => {
  for (const value of [0, 1, -1, 0xffffffff, 2 ** 31]) {
    const hash = mix(value);
    assert.ok(Number.isInteger(hash) && hash >= 0 && hash <= 0xffffffff);
  }
});
