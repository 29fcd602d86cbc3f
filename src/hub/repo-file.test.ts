import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf, parseRepoFile } from "./repo-file.ts";

const oid = "a".repeat(40);
const sha256 = "b".repeat(64);

test("parseRepoFile() names a blob by its SHA-256 where git does not hold it itself", () => {
  const small = { type: "file", path: "config.json", oid, size: 2 };
  assert.deepEqual(parseRepoFile(small), {
    path: "config.json",
    bytes: 2,
    etag: oid,
    isLfs: false,
  });
  const large = { ...small, lfs: { oid: sha256, size: 9, pointerSize: 2 } };
  assert.deepEqual(parseRepoFile(large), {
    path: "config.json",
    bytes: 9,
    etag: sha256,
    isLfs: true,
  });
  assert.equal(parseRepoFile({ type: "directory", path: "original", oid }), undefined);
});

test("parseRepoFile() refuses what would leave the cache", () => {
  const good = { type: "file", path: "a", oid, size: 2 };
  const paths = ["", "/a", "../a", "a/../b", "a//b", "./a", "a\\b", "a\0", 7];
  const others = [{ oid: "../a" }, { oid: sha256 }, { size: 1.5 }, { lfs: { oid, size: 1 } }];
  for (const change of [...paths.map((path) => ({ path })), ...others])
    assert.throws(() => parseRepoFile({ ...good, ...change }), RangeError, JSON.stringify(change));
});

test("hashOf() hashes as git and Git LFS do", () => {
  const file = { path: "a", bytes: 6, etag: oid };
  // `printf 'hello\n' | git hash-object --stdin`, and sha256sum of the same.
  const git = hashOf({ ...file, isLfs: false })
    .update("hello\n")
    .digest("hex");
  assert.equal(git, "ce013625030ba8dba906f756967f9e9ca394464a");
  const lfs = hashOf({ ...file, isLfs: true })
    .update("hello\n")
    .digest("hex");
  assert.match(lfs, /^5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03$/);
});
