import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { checkSpace, freeBytesOf } from "./free-space.ts";
import { RepoCache } from "./repo-cache.ts";
import { id, scratchDirectory } from "./test-support/hub-fixture.ts";

test("checkSpace() counts what is still to come, not what is here", async (context) => {
  const directory = scratchDirectory(context);
  const cache = new RepoCache(directory, id);
  await cache.makeDirectories();
  const freeBytes = await freeBytesOf(directory);
  const file = { path: "x", bytes: 1_000, etag: "a", isLfs: true };
  const huge = { ...file, bytes: freeBytes + 1_000_000_000_000, etag: "b" };
  await checkSpace(cache, [file]);
  const refused = { code: "HUB_DISK_FULL", message: new RegExp(`^.*: ${huge.bytes} bytes`) };
  await assert.rejects(checkSpace(cache, [huge]), refused);
  writeFileSync(`${cache.blob(huge)}.incomplete`, "12345");
  const less = new RegExp(`: ${huge.bytes - 5 + file.bytes} bytes are needed`);
  await assert.rejects(checkSpace(cache, [huge, file]), { code: "HUB_DISK_FULL", message: less });
  writeFileSync(cache.blob(file), "x".repeat(file.bytes));
  await assert.rejects(checkSpace(cache, [huge, file]), {
    message: new RegExp(`${huge.bytes - 5} b`),
  });
});
