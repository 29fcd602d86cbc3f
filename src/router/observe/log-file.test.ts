import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempDisposableSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { PenstockError } from "../../errors/mod.ts";
import { LogFile } from "./log-file.ts";

const options = { fileBytesMax: 1_000, oldFilesMax: 3, rotates: true };

test("LogFile.open() says why a path cannot be written", async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "penstock-"));
  const pipe = join(directory.path, "pipe");
  execFileSync("mkfifo", [pipe]);
  mkdirSync(join(directory.path, "sub"));
  for (const [path, reason] of [
    [join(directory.path, "absent/access.log"), "ENOENT"],
    [join(directory.path, "sub"), "EISDIR"],
    [pipe, "ENXIO"],
  ] as const) {
    await assert.rejects(LogFile.open(path, options), (error) => {
      assert.ok(error instanceof PenstockError);
      assert.equal(error.code, "ROUTER_ACCESS_LOG_UNUSABLE");
      assert.equal(
        error.message,
        `Cannot write the access log: opening "${path}" failed with ${reason}`,
      );
      return true;
    });
  }
});

test("LogFile appends to what is there, in a file that others may not read", async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "penstock-"));
  const path = join(directory.path, "access.log");
  const made = await LogFile.open(path, options);
  await made.close();
  assert.equal(statSync(path).mode & 0o007, 0);
  writeFileSync(path, "a\n");
  const file = await LogFile.open(path, options);
  assert.equal(await file.write(Buffer.from("b\n")), 2);
  writeFileSync(path, "c\n", { flag: "a" });
  assert.equal(await file.write(Buffer.from("d\n")), 2);
  await file.close();
  await file.close();
  assert.equal(readFileSync(path, "utf8"), "a\nb\nc\nd\n");
});
