import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeDirectories } from "./make-directories.ts";

test("makeDirectories() makes what is missing, also several times at once, and follows links", async (context) => {
  const scratch = mkdtempSync(join(tmpdir(), "penstock-base-"));
  context.after(() => rmSync(scratch, { recursive: true, force: true }));
  const path = join(scratch, "a", "b", "c");
  await Promise.all(Array.from({ length: 10 }, () => makeDirectories(path, 0o700)));
  assert.equal(statSync(path).mode & 0o777, 0o700);
  symlinkSync(path, join(scratch, "link"));
  await makeDirectories(join(scratch, "link"));
  await makeDirectories(join(scratch, "link", "d"));
  assert.ok(statSync(join(path, "d")).isDirectory());
});

test("makeDirectories() says that a file is in the way", async (context) => {
  const scratch = mkdtempSync(join(tmpdir(), "penstock-base-"));
  context.after(() => rmSync(scratch, { recursive: true, force: true }));
  const file = join(scratch, "file");
  writeFileSync(file, "");
  await assert.rejects(makeDirectories(file), { code: "EEXIST" });
  await assert.rejects(makeDirectories(join(file, "a", "b")), { code: "ENOTDIR" });
});

test("makeDirectories() ends where directories can be looked at and not made", async (context) => {
  if (!existsSync("/proc/self")) return context.skip("there is no /proc");
  await assert.rejects(makeDirectories("/proc/none/a/b"), { code: "ENOENT" });
});
