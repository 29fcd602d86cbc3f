import assert from "node:assert/strict";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { listDeployments } from "./list-deployments.ts";
import { openControl } from "./open-control.ts";
import { fakeControlled, runtimeDirectory } from "./test-support/fake-deployment.ts";
import { startFakeSupervisor } from "./test-support/start-fake-supervisor.ts";

test("listDeployments() finds those of every directory, oldest first, and forgets killed ones", async (context) => {
  const [here, there] = [runtimeDirectory(context), runtimeDirectory(context)];
  const directories = [here, there, join(here, "missing")];
  const young = await openControl(fakeControlled({ id: "kyoung", startedAtMs: 2_000 }), [here]);
  const old = await openControl(fakeControlled({ id: "kold22", startedAtMs: 1_000 }), [there]);
  const killed = await startFakeSupervisor(context, here);
  killed.process.kill("SIGKILL");
  await killed.exited;
  const { deployments, unreachable } = await listDeployments({ directories });
  assert.deepEqual(
    deployments.map(({ status }) => status.id),
    ["kold22", "kyoung"],
  );
  assert.deepEqual(unreachable, []);
  assert.ok(!existsSync(killed.socketPath), "what it has left is gone");
  await young.close();
  await old.close();
  assert.deepEqual((await listDeployments({ directories })).deployments, []);
});

test("listDeployments() names a supervisor that is stopped, and lists the others", async (context) => {
  const directory = runtimeDirectory(context);
  const hanging = await startFakeSupervisor(context, directory);
  const living = await openControl(fakeControlled(), [directory]);
  hanging.process.kill("SIGSTOP");
  const listing = await listDeployments({ directories: [directory], timeoutMs: 2_000 });
  assert.equal(listing.deployments.length, 1);
  assert.equal(listing.unreachable.length, 1);
  const [{ entry, error }] = listing.unreachable as [(typeof listing.unreachable)[0]];
  assert.equal(entry.pid, hanging.pid);
  assert.equal(error.code, "DEPLOYMENT_SILENT");
  assert.match(error.message, new RegExp(`pid ${hanging.pid}, has not answered within 2000 ms`));
  await living.close();
});

test("listDeployments() does not look into a directory that others may use", async (context) => {
  const directory = runtimeDirectory(context);
  const control = await openControl(fakeControlled(), [directory]);
  chmodSync(directory, 0o777);
  assert.deepEqual((await listDeployments({ directories: [directory] })).deployments, []);
  await control.close();
});
