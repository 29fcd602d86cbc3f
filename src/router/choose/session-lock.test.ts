import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { SessionLock } from "./session-lock.ts";

test("SessionLock is free again behind each release", () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const lock = new SessionLock(words, 1);
  for (let count = 0; count < 3; count++) {
    lock.take();
    assert.equal(words[1], 1);
    lock.release();
    assert.equal(words[1], 0);
  }
});

test("SessionLock fails where its holder never lets it go", () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  new SessionLock(words, 0).take();
  assert.throws(() => new SessionLock(words, 0, 2).take(), /ended while it held the sessions/);
});

test("SessionLock sleeps until a thread that holds it long lets it go", async () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const lock = new SessionLock(words, 1);
  const holder = new Worker(
    `const { parentPort, workerData: words } = require("node:worker_threads");
    Atomics.store(words, 1, 1);
    parentPort.postMessage("held");
    for (let count = 0; count < 10_000 && Atomics.load(words, 1) !== 2; count++) Atomics.wait(words, 0, 0, 1);
    Atomics.wait(words, 0, 0, 150); // Longer than one sleep of who waits.
    words[0] = 7;
    Atomics.store(words, 1, 0);
    Atomics.notify(words, 1, 1);`,
    { eval: true, workerData: words },
  );
  await once(holder, "message");
  const exit = once(holder, "exit");
  lock.take();
  assert.equal(words[0], 7);
  lock.release();
  await exit;
});
