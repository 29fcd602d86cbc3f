import assert from "node:assert/strict";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";
import {
  deploymentStatus,
  runtimeDirectory,
} from "../../launch/control/test-support/fake-deployment.ts";
import { startFakeSupervisor } from "../../launch/control/test-support/start-fake-supervisor.ts";
import type { DeploymentSource, SourceStatus } from "../../launch/mod.ts";
import { makeJob } from "../../launch/slurm/test-support/fake-slurm.ts";
import { stopAndWait } from "./stop.ts";

test("penstock stop stops the deployment that is named and says so when it is gone", async (context) => {
  const directory = runtimeDirectory(context);
  const env = { PENSTOCK_RUNTIME_DIR: directory };
  const first = await startFakeSupervisor(context, directory, "kabc22");
  const second = await startFakeSupervisor(context, directory, "kabd22");
  const unnamed = await runPenstock(["stop"], env);
  assert.equal(unnamed.exitCode, 1);
  assert.match(unnamed.stderr, /kabc22[^]*--deployment[^]*DEPLOYMENT_AMBIGUOUS/);
  const named = await runPenstock(["stop", "--deployment", "kabd"], env);
  assert.deepEqual(
    [named.stdout, named.exitCode],
    ['Stopped deployment "kabd22"\n', 0],
    named.stderr,
  );
  assert.equal(await second.exited, 0);
  const now = await runPenstock(["stop", "--now"], env);
  assert.equal(now.stdout, 'Stopped deployment "kabc22"\n');
  assert.equal(await first.exited, 0);
});

test("stopAndWait() gives up on a deployment that does not end", async () => {
  const status: SourceStatus = { parts: [deploymentStatus({ pid: 7 })], notes: [], isOver: false };
  const stops: boolean[] = [];
  let tellCount = 0;
  const deaf = {
    name: "job 7",
    async *watch(signal: AbortSignal) {
      yield status;
      yield status;
      const aborted = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => aborted.resolve());
      const keepAlive = setInterval(() => undefined, 1_000);
      await aborted.promise;
      clearInterval(keepAlive);
    },
    stop: ({ now }: { readonly now: boolean }) => Promise.resolve(void stops.push(now)),
  } as unknown as DeploymentSource;
  await assert.rejects(
    stopAndWait(deaf, { now: true, timeoutMs: 50, onStopping: () => tellCount++ }),
    {
      code: "DEPLOYMENT_NOT_STOPPED",
      message: "Cannot stop job 7: it still runs 50 ms after it was told to",
      hint: /kill -9 7/,
    },
  );
  assert.deepEqual(stops, [true], "asked once");
  assert.equal(tellCount, 1);
});

test("penstock stop says that a job has ended already, and asks Slurm for nothing", async (context) => {
  const slurm = makeJob(context, "COMPLETED");
  const { stdout, stderr, exitCode } = await runPenstock(["stop", "12"], slurm.env);
  assert.deepEqual(
    [stdout, stderr, exitCode],
    ["Nothing to stop: job 12 has ended already\n", "", 0],
  );
  assert.ok(slurm.calls().every((call) => !call.startsWith("scancel")));
});
