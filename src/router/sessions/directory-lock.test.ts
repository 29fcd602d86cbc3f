import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  lutimesSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryDirectory } from "../test-support/session-files.ts";
import { DirectoryInUse, DirectoryLock } from "./directory-lock.ts";

/** A link as a process would have made it that is killed when the test likes. */
async function heldByChild(context: TestContext, directory: string) {
  const child = spawn(
    process.execPath,
    ["-e", "process.stdout.write('up'); setInterval(() => {}, 1e3)"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  context.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
  const startTime = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  symlinkSync(`${hostname()}:${child.pid}:${startTime}:0`, join(directory, "lock"));
  return child;
}

/** No process has so high a pid. */
const deadOwner = `${hostname()}:999999999:1:0`;

function isInUse(words: string) {
  return (error: unknown) => error instanceof DirectoryInUse && error.message === words;
}

test("DirectoryLock is held until it is released, against its own process too", async (context) => {
  const directory = temporaryDirectory(context);
  const lock = await DirectoryLock.take(directory);
  await assert.rejects(DirectoryLock.take(directory), isInUse(`process ${process.pid}`));
  await lock.release();
  assert.deepEqual(readdirSync(directory), []);
  await (await DirectoryLock.take(directory)).release();
});

test("DirectoryLock respects a process that lives, and takes over from one that was killed", async (context) => {
  const directory = temporaryDirectory(context);
  const child = await heldByChild(context, directory);
  await assert.rejects(DirectoryLock.take(directory), isInUse(`process ${child.pid}`));
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
  const lock = await DirectoryLock.take(directory);
  assert.deepEqual(readdirSync(directory), ["lock"]);
  await lock.release();
});

test("DirectoryLock takes a process of the same pid that began at another time for another one", async (context) => {
  const directory = temporaryDirectory(context);
  symlinkSync(`${hostname()}:${process.pid}:1:0`, join(directory, "lock"));
  await (await DirectoryLock.take(directory)).release();
});

test("DirectoryLock respects another machine that was heard of in the last minute", async (context) => {
  const directory = temporaryDirectory(context);
  const path = join(directory, "lock");
  symlinkSync("elsewhere:12:1:0", path);
  await assert.rejects(DirectoryLock.take(directory), isInUse("process 12 on elsewhere"));
  const old = new Date(Date.now() - 120_000);
  lutimesSync(path, old, old);
  const lock = await DirectoryLock.take(directory);
  lutimesSync(path, old, old);
  await lock.renew();
  unlinkSync(path);
  symlinkSync("elsewhere:12:1:0", path);
  await lock.release();
  assert.equal(readlinkSync(path), "elsewhere:12:1:0", "It is another one's by now");
});

/** Eight that take the lock at once; gives who did, and releases it. */
async function takeByMany(directory: string): Promise<number> {
  const tries = await Promise.allSettled(
    Array.from({ length: 8 }, async () => DirectoryLock.take(directory)),
  );
  let wonCount = 0;
  for (const one of tries) {
    if (one.status === "rejected") assert.ok(isInUse(`process ${process.pid}`)(one.reason));
    else if (++wonCount === 1) {
      assert.deepEqual(readdirSync(directory), ["lock"]);
      await one.value.release();
    }
  }
  return wonCount;
}

test("DirectoryLock goes to one of many who find the holder gone", async (context) => {
  const directory = temporaryDirectory(context);
  for (let round = 0; round < 40; round++) {
    symlinkSync(deadOwner, join(directory, "lock"));
    assert.equal(await takeByMany(directory), 1);
    assert.deepEqual(readdirSync(directory), []);
  }
});

test("DirectoryLock goes to one of many where others died while they took it over", async (context) => {
  const directory = temporaryDirectory(context);
  const linkOfRight = (owner: string) =>
    join(directory, `lock.${createHash("sha256").update(owner).digest("hex").slice(0, 32)}`);
  for (let round = 0; round < 20; round++) {
    symlinkSync(deadOwner, join(directory, "lock"));
    symlinkSync(`${deadOwner}1`, linkOfRight(deadOwner));
    symlinkSync(`${deadOwner}2`, linkOfRight(`${deadOwner}1`));
    symlinkSync(`${deadOwner}3`, linkOfRight("one that was removed"));
    assert.equal(await takeByMany(directory), 1);
    assert.deepEqual(readdirSync(directory), []);
  }
});

test("DirectoryLock is not taken from a dead holder while a living process does that", async (context) => {
  const directory = temporaryDirectory(context);
  const child = await heldByChild(context, directory);
  const path = join(directory, "lock");
  const right = createHash("sha256").update(deadOwner).digest("hex").slice(0, 32);
  renameSync(path, `${path}.${right}`);
  symlinkSync(deadOwner, path);
  await assert.rejects(DirectoryLock.take(directory), isInUse(`process ${child.pid}`));
  assert.equal(readlinkSync(path), deadOwner);
});
