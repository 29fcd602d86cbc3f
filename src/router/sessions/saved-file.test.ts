import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../test-support/session-files.ts";
import { readSaved, SavedFile } from "./saved-file.ts";

test("SavedFile takes the place of the file before it when it is published, and grows then", async (context) => {
  const path = join(temporaryDirectory(context), "x");
  writeFileSync(path, "before");
  const file = await SavedFile.create(path, 100);
  await file.append(Buffer.from("af"));
  assert.equal(readFileSync(path, "utf8"), "before");
  await file.sync();
  await file.publish();
  await file.append(Buffer.from("ter"));
  await file.close();
  assert.deepEqual([readFileSync(path, "utf8"), file.byteCount], ["after", 5]);
  assert.equal(existsSync(`${path}.new`), false);
});

test("SavedFile.abandon() leaves the file before it as it was", async (context) => {
  const path = join(temporaryDirectory(context), "x");
  writeFileSync(path, "before");
  const file = await SavedFile.create(path, 100);
  await file.append(Buffer.from("half"));
  await file.abandon();
  await file.abandon();
  assert.deepEqual([readFileSync(path, "utf8"), existsSync(`${path}.new`)], ["before", false]);
});

test("SavedFile gets no longer than it may be", async (context) => {
  const path = join(temporaryDirectory(context), "x");
  const file = await SavedFile.create(path, 5);
  await file.append(Buffer.from("five!"));
  await assert.rejects(file.append(Buffer.from("?")), { code: "EFBIG" });
  await file.publish();
  await file.close();
  assert.equal(readFileSync(path, "utf8"), "five!");
});

test("readSaved() gives nothing of a file that is not there, and undefined for one that is too long", async (context) => {
  const path = join(temporaryDirectory(context), "x");
  assert.equal((await readSaved(path, 3))?.length, 0);
  writeFileSync(path, "four");
  assert.equal(await readSaved(path, 3), undefined);
  assert.equal((await readSaved(path, 4))?.toString(), "four");
  await assert.rejects(readSaved(join(path, "below"), 4), { code: "ENOTDIR" });
});
