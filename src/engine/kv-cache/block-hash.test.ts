import assert from "node:assert/strict";
import { test } from "node:test";
import { blockHash, noneHash } from "./block-hash.ts";

// Computed with Python's cbor2 and hashlib from vLLM's rules.
const noneHashDefault = "9bd96a485ad84efdafb72ee48a1d7a69bcead0f8f0433173941b276b9581eef0";
const firstBlock = "cd7c51bc5a8fc8643f383a2b9e01522fba7473c669e9270c7b0bf7bf7fd01682";
const secondBlock = "2533ea50426b36e9e4d68296cac6bce8cf602e46957d0fe40b368b33d87bf3bf";

/** 16 ids that count on from the first. */
const tokensFrom = (first: number) => Int32Array.from({ length: 16 }, (_, at) => first + at);

/** The low 64 bits, as KV events carry them. */
const low64 = (hash: string) => BigInt(`0x${hash.slice(-16)}`);

test("noneHash() is vLLM's for the default seed and for a given one", () => {
  assert.equal(noneHash(), noneHashDefault);
  assert.equal(noneHash("0"), "4e1195df020de59e0d65a33a4279f1183e7ae4e5d980e309f8b55adff2e61c3e");
});

test("blockHash() chains blocks as vLLM's sha256_cbor does", () => {
  const first = blockHash({ parent: noneHash(), tokenIds: tokensFrom(1) });
  assert.equal(first, firstBlock);
  assert.equal(low64(first), 8_866_452_693_264_111_234n);
  const second = blockHash({ parent: first, tokenIds: tokensFrom(17) });
  assert.equal(second, secondBlock);
  assert.equal(low64(second), 807_986_237_951_177_663n);
  const seeded = blockHash({ parent: noneHash("0"), tokenIds: tokensFrom(1) });
  assert.equal(low64(seeded), 3_236_607_068_019_569_386n);
});

test("blockHash() takes LoRA name and salt as vLLM's extra keys", () => {
  const hash = blockHash({
    parent: noneHash(),
    tokenIds: tokensFrom(1),
    extraKeys: ["my-lora", "salt"],
  });
  assert.equal(hash, "6a83c238eb5f9c444aaa55679a3b8d193f969be6fbc6e7e45819917139c60316");
  assert.equal(low64(hash), 6_348_265_065_242_034_966n);
  const none = { parent: noneHash(), tokenIds: tokensFrom(1), extraKeys: [] };
  assert.equal(blockHash(none), firstBlock);
});

test("blockHash() tells ids apart whatever their width", () => {
  const ids = [23, 24, 255, 256, 65_535, 65_536, 2 ** 31 - 1];
  const hashes = ids.map((id) => blockHash({ parent: noneHash(), tokenIds: [id] }));
  assert.equal(new Set(hashes).size, ids.length);
});
