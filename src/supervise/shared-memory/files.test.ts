import assert from "node:assert/strict";
import { closeSync, existsSync, lstatSync, openSync, rmSync } from "node:fs";
import { test, type TestContext } from "node:test";
import {
  listSharedMemory,
  mappedPaths,
  readUsedPaths,
  removeUnused,
  watchSharedMemory,
} from "./files.ts";

function makeFile(context: TestContext) {
  const path = `/dev/shm/penstock-test-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const descriptor = openSync(path, "wx+");
  context.after(() => rmSync(path, { force: true }));
  return { path, descriptor, inode: lstatSync(path).ino };
}

test("listSharedMemory() lists this user's files", (context) => {
  const { path, descriptor, inode } = makeFile(context);
  closeSync(descriptor);
  assert.equal(listSharedMemory().get(path), inode);
});

test("removeUnused() leaves a file alone while somebody has it open", (context) => {
  const file = makeFile(context);
  assert.ok(readUsedPaths(process.pid).has(file.path));
  removeUnused([file]);
  assert.ok(existsSync(file.path));
  closeSync(file.descriptor);
  assert.ok(!readUsedPaths(process.pid).has(file.path));
  removeUnused([file]);
  assert.ok(!existsSync(file.path));
  removeUnused([file]);
});

test("removeUnused() does not remove another file of that name", (context) => {
  const file = makeFile(context);
  closeSync(file.descriptor);
  removeUnused([{ ...file, inode: file.inode + 1 }]);
  assert.ok(existsSync(file.path));
});

test("watchSharedMemory() tells of a new file, until it is told to stop", async (context) => {
  const { promise: seen, resolve } = Promise.withResolvers<void>();
  const stop = watchSharedMemory(resolve);
  context.after(stop);
  closeSync(makeFile(context).descriptor);
  const keepAlive = setTimeout(() => assert.fail("nothing is told"), 30_000);
  await seen;
  clearTimeout(keepAlive);
});

test("mappedPaths() reads the paths of mappings, and none from those without", () => {
  const maps = `7f1c-7f1d rw-s 00000000 00:1b 4                          /dev/shm/psm a
7f1d-7f1e rw-s 00000000 00:1b 5    /dev/shm/b (deleted)
7f1e-7f1f rw-p 00000000 00:00 0
7ffc-7ffd r-xp 00000000 00:00 0                          [vdso]
`;
  assert.deepEqual(mappedPaths(maps), ["/dev/shm/psm a", "/dev/shm/b (deleted)"]);
  assert.deepEqual(readUsedPaths(0), new Set());
});
