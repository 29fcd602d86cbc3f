import assert from "node:assert/strict";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";
import { startPenstock } from "../../../test/support/start-penstock.ts";
import { runtimeDirectory } from "../../launch/control/test-support/fake-deployment.ts";
import { startFakeSupervisor } from "../../launch/control/test-support/start-fake-supervisor.ts";

test("penstock status shows one deployment, lists several, and says when there is none", async (context) => {
  const directory = runtimeDirectory(context);
  const env = { PENSTOCK_RUNTIME_DIR: directory };
  const none = await runPenstock(["status"], env);
  assert.equal(none.exitCode, 1);
  assert.match(none.stderr, /none of yours runs[^]*penstock serve[^]*DEPLOYMENT_NOT_FOUND/);

  await startFakeSupervisor(context, directory, "kabc22");
  const one = await runPenstock(["status"], env);
  assert.equal(one.exitCode, 0, one.stderr);
  assert.match(one.stdout, /^Deployment {2}kabc22, ready[^]*\nrank-1 {3}ready/);

  const second = await startFakeSupervisor(context, directory, "kabd22");
  const two = await runPenstock(["status"], env);
  assert.match(two.stdout, /^ID[^]*\nkabc22[^]*\nkabd22|\nkabd22[^]*\nkabc22/);
  const json = await runPenstock(["status", "--json"], env);
  const { deployments, notes } = JSON.parse(json.stdout) as Record<string, readonly unknown[]>;
  assert.deepEqual([deployments!.length, notes], [2, []]);

  second.process.kill("SIGKILL");
  await second.exited;
  const named = await runPenstock(["status", "kabc", "--json"], env);
  assert.match(named.stdout, /^\{"deployments":\[\{"id":"kabc22"/);
  const twice = await runPenstock(["status", "kabc", "--deployment", "kabc"], env);
  assert.equal(twice.exitCode, 2);
  assert.match(twice.stderr, /COMMAND_INVALID/);
});

test("penstock status -f goes on until the deployment ends", async (context) => {
  const directory = runtimeDirectory(context);
  const env = { PENSTOCK_RUNTIME_DIR: directory };
  const supervisor = await startFakeSupervisor(context, directory, "kabc22");
  const following = startPenstock(context, ["status", "-f"], env);
  const json = startPenstock(context, ["status", "-f", "--json"], env);
  await Promise.all([following.shows(/kabc22: ready/), json.shows(/"kabc22"/)]);
  supervisor.process.kill("SIGKILL");
  assert.deepEqual(await Promise.all([following.exited, json.exited]), [0, 0]);
  assert.equal(
    following.output(),
    'rank-0: ready\nrank-1: ready\nkabc22: ready\ndeployment "kabc22" has ended\n',
  );
  for (const line of json.output().trimEnd().split("\n"))
    assert.equal(JSON.parse(line).deployments[0].id, "kabc22");
});

test("penstock status ends with a clear error when the supervisor hangs", async (context) => {
  const directory = runtimeDirectory(context);
  const supervisor = await startFakeSupervisor(context, directory);
  supervisor.process.kill("SIGSTOP");
  const { stderr, exitCode } = await runPenstock(["status"], { PENSTOCK_RUNTIME_DIR: directory });
  assert.equal(exitCode, 1);
  assert.match(stderr, new RegExp(`supervisor, pid ${supervisor.pid}, has not answered within`));
  assert.match(stderr, /kill -CONT[^]*DEPLOYMENT_SILENT/);
});
