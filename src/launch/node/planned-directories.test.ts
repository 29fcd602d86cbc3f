import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { scratchDirectory } from "../test-support/scratch-directory.ts";
import { makePlannedDirectories, removePlannedDirectories } from "./planned-directories.ts";

test("makePlannedDirectories() makes them for this user alone, without what a killed deployment left", async (context) => {
  const directory = join(scratchDirectory(context), "penstock-1", "rank-0");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "stale"), "");
  await makePlannedDirectories([directory]);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  assert.equal(existsSync(join(directory, "stale")), false);
});

test("makePlannedDirectories() refuses a place that others may write to", async (context) => {
  const parent = join(scratchDirectory(context), "open");
  mkdirSync(parent);
  writeFileSync(join(parent, "keeps it from being removed"), "");
  chmodSync(parent, 0o777);
  await assert.rejects(makePlannedDirectories([join(parent, "rank-0")]), {
    code: "NODE_DIRECTORY_NOT_USABLE",
    message: /others may write to ".*open"/,
  });
});

test("makePlannedDirectories() says why a directory cannot be made", async (context) => {
  const file = join(scratchDirectory(context), "file");
  writeFileSync(file, "");
  await assert.rejects(makePlannedDirectories([join(file, "rank-0")]), {
    code: "NODE_DIRECTORY_NOT_USABLE",
    message: /ENOTDIR|EEXIST/,
  });
});

test("removePlannedDirectories() removes them and the folder around them, however often", async (context) => {
  const around = join(scratchDirectory(context), "penstock-1");
  const directories = [join(around, "rank-0"), join(around, "rank-1")];
  await makePlannedDirectories(directories);
  writeFileSync(join(directories[0]!, "left"), "");
  await removePlannedDirectories(directories);
  await removePlannedDirectories(directories);
  assert.equal(existsSync(around), false);
});

test("removePlannedDirectories() leaves a directory with a socket that somebody listens on", async (context) => {
  const directory = join(scratchDirectory(context), "penstock-1", "rank-0");
  await makePlannedDirectories([directory]);
  const server = createServer().listen(join(directory, "socket"));
  context.after(() => server.close());
  await once(server, "listening");
  await removePlannedDirectories([directory]);
  assert.ok(existsSync(join(directory, "socket")));
});
