import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { awaitExit, isRunning } from "./is-running.ts";

test("awaitExit() waits for a process to end, and not for ever", async () => {
  const child = spawn("sleep", ["60"]);
  const exited = once(child, "exit");
  assert.ok(isRunning(child.pid!));
  await awaitExit(child.pid!, 50);
  assert.ok(isRunning(child.pid!), "the time was over");
  child.kill();
  await Promise.all([awaitExit(child.pid!, 30_000), exited]);
  assert.ok(!isRunning(child.pid!));
});
