import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runtimeDirectory } from "../test-support/fake-deployment.ts";
import { LogFollower } from "./log-follower.ts";

const bytesMax = 1_000_000;

function follow(context: TestContext) {
  const path = join(runtimeDirectory(context), "rank-0.log");
  const follower = new LogFollower(path);
  context.after(() => follower.close());
  const rotate = (): void => {
    renameSync(path, `${path}.1`);
    writeFileSync(path, "");
  };
  return { path, follower, rotate };
}

test("LogFollower gives the last lines and then what comes, a line when it is whole", async (context) => {
  const { path, follower } = follow(context);
  writeFileSync(path, "one\ntwo\nthr");
  assert.deepEqual(await follower.tail(1, bytesMax), ["two"]);
  assert.deepEqual(await follower.next(), []);
  appendFileSync(path, "ee\nfour\nr\u00e9");
  assert.deepEqual(await follower.next(), ["three", "four"]);
  assert.deepEqual(await follower.next(), []);
  assert.deepEqual(follower.rest(), ["r\u00e9"]);
});

test("LogFollower loses nothing when the file is rotated between two looks", async (context) => {
  const { path, follower, rotate } = follow(context);
  writeFileSync(path, "one\n");
  await follower.tail(9, bytesMax);
  appendFileSync(path, "two\nthr");
  assert.deepEqual(await follower.next(), ["two"]);
  appendFileSync(path, "ee\n");
  rotate();
  appendFileSync(path, "four\n");
  assert.deepEqual(await follower.next(), ["three"]);
  assert.deepEqual(await follower.next(), ["four"]);
  rotate();
  assert.deepEqual(await follower.next(), []);
  appendFileSync(path, "five\n");
  assert.deepEqual(await follower.next(), ["five"]);
});

test("LogFollower takes missing lines from the file before the rotation, also a line in both", async (context) => {
  const { path, follower, rotate } = follow(context);
  writeFileSync(path, "one\ntwo\nthr");
  rotate();
  appendFileSync(path, "ee\nfour\n");
  assert.deepEqual(await follower.tail(3, bytesMax), ["two", "three", "four"]);
});

test("LogFollower waits for a file that is not there yet, and begins anew where it is emptied", async (context) => {
  const { path, follower } = follow(context);
  assert.deepEqual(await follower.tail(5, bytesMax), []);
  assert.deepEqual(await follower.next(), []);
  writeFileSync(path, "one\ntwo\n");
  assert.deepEqual(await follower.next(), ["one", "two"]);
  truncateSync(path);
  assert.deepEqual(await follower.next(), []);
  appendFileSync(path, "new\n");
  assert.deepEqual(await follower.next(), ["new"]);
  rmSync(path);
  assert.deepEqual(await follower.next(), []);
});

test("LogFollower says which log it cannot read", async (context) => {
  const directory = runtimeDirectory(context);
  writeFileSync(join(directory, "file"), "");
  const below = new LogFollower(join(directory, "file", "rank.log"));
  await assert.rejects(below.tail(1, bytesMax), {
    code: "LOG_NOT_READABLE",
    message: /rank\.log.*ENOTDIR/,
  });
  if (process.getuid!() === 0) return; // Nothing is closed to root.
  mkdirSync(join(directory, "closed"));
  chmodSync(join(directory, "closed"), 0);
  const closed = new LogFollower(join(directory, "closed", "rank.log"));
  await assert.rejects(closed.tail(1, bytesMax), { code: "LOG_NOT_READABLE" });
});
