import assert from "node:assert/strict";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { openControl } from "./open-control.ts";
import { parseSocketName } from "./socket-name.ts";
import { fakeControlled, runtimeDirectory } from "./test-support/fake-deployment.ts";
import { askDeployment } from "./talk.ts";
import { startFakeSupervisor } from "./test-support/start-fake-supervisor.ts";
import { eventually } from "../../../test/support/eventually.ts";

test("openControl() makes a socket for this user alone whose name tells its owner, and close() removes it", async (context) => {
  const directory = runtimeDirectory(context);
  const control = await openControl(fakeControlled(), [directory]);
  assert.equal(dirname(control.socketPath), directory);
  assert.ok(statSync(control.socketPath).isSocket());
  assert.equal(statSync(control.socketPath).mode & 0o777, 0o600);
  assert.deepEqual(parseSocketName(basename(control.socketPath)), {
    pid: process.pid,
    isHere: true,
  });
  await control.close();
  await control.close();
  control.notify();
  assert.ok(!existsSync(control.socketPath));
});

test("openControl() takes the next directory where one cannot be used, also because its path is too long", async (context) => {
  const directory = runtimeDirectory(context);
  const file = join(directory, "file");
  writeFileSync(file, "");
  const long = join(directory, "x".repeat(90));
  mkdirSync(long, { mode: 0o700 });
  const control = await openControl(fakeControlled(), [file, long, directory]);
  assert.equal(dirname(control.socketPath), directory);
  await control.close();
  await assert.rejects(openControl(fakeControlled(), [file, long]), {
    code: "CONTROL_NOT_OPENED",
    message: /is no directory; .* is longer than the 107 bytes/,
  });
});

test("openControl() gives two deployments sockets of their own", async (context) => {
  const directory = runtimeDirectory(context);
  const first = await openControl(fakeControlled(), [directory]);
  const second = await openControl(fakeControlled(), [directory]);
  assert.notEqual(first.socketPath, second.socketPath);
  await first.close();
  assert.ok(existsSync(second.socketPath));
  await second.close();
});

test("openControl() removes what a killed supervisor has left, and its own file when the process ends", async (context) => {
  const directory = runtimeDirectory(context);
  const killed = await startFakeSupervisor(context, directory);
  killed.process.kill("SIGKILL");
  await killed.exited;
  assert.ok(existsSync(killed.socketPath), "kill -9 leaves it");
  const next = await startFakeSupervisor(context, directory);
  await eventually("the stale file to go", () => !existsSync(killed.socketPath) || undefined);
  assert.ok(existsSync(next.socketPath));
  const entry = { pid: next.pid, path: next.socketPath };
  await assert.rejects(askDeployment(entry, { command: "restart", process: "exit" }), {
    code: "DEPLOYMENT_GONE",
  });
  await next.exited;
  assert.ok(!existsSync(next.socketPath));
});
