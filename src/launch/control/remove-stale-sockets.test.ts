import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openControl } from "./open-control.ts";
import { listSockets, removeStaleSockets } from "./remove-stale-sockets.ts";
import { socketName } from "./socket-name.ts";
import { fakeControlled, runtimeDirectory } from "./test-support/fake-deployment.ts";
import { startFakeSupervisor } from "./test-support/start-fake-supervisor.ts";

/** Above any number that Linux gives a process. */
const deadPid = 2 ** 22 + 1;

test("removeStaleSockets() removes sockets of the dead and leaves all others", async (context) => {
  const directory = runtimeDirectory(context);
  const living = await openControl(fakeControlled(), [directory]);
  const killed = await startFakeSupervisor(context, directory);
  killed.process.kill("SIGKILL");
  await killed.exited;
  const host = socketName("aa").slice(0, 8);
  const foreign = join(directory, `00000000-${deadPid}-ab.sock`);
  await rename(killed.socketPath, foreign);
  const second = await startFakeSupervisor(context, directory);
  second.process.kill("SIGKILL");
  await second.exited;
  const reused = join(directory, `${host}-${process.pid}-ac.sock`);
  await rename(second.socketPath, reused);
  const third = await startFakeSupervisor(context, directory);
  third.process.kill("SIGKILL");
  await third.exited;
  const other = join(directory, "notes.txt");
  writeFileSync(other, "");

  await removeStaleSockets(directory);
  assert.ok(!existsSync(third.socketPath), "of a killed supervisor");
  assert.ok(existsSync(living.socketPath), "of a living one");
  assert.ok(existsSync(foreign), "of another machine");
  assert.ok(existsSync(reused), "of a number that runs: it may be about to listen");
  assert.ok(existsSync(other), "what is no socket of ours");
  await living.close();
});

test("removeStaleSockets() leaves a socket that answers although no process here has its number", async (context) => {
  const directory = runtimeDirectory(context);
  const living = await openControl(fakeControlled(), [directory]);
  const inContainer = join(directory, socketName("ad").replace(`-${process.pid}-`, `-${deadPid}-`));
  await rename(living.socketPath, inContainer);
  await removeStaleSockets(directory);
  assert.ok(existsSync(inContainer));
  await living.close();
});

test("listSockets() gives the sockets of this machine, and none of a directory that is not there", async (context) => {
  const directory = runtimeDirectory(context);
  for (const name of ["x.sock", "00000000-7-aa.sock", `${socketName("ae")}.bak`, socketName("af")])
    writeFileSync(join(directory, name), "");
  assert.deepEqual(await listSockets(directory), [
    { pid: process.pid, path: join(directory, socketName("af")) },
  ]);
  assert.deepEqual(await listSockets(join(directory, "missing")), []);
});
