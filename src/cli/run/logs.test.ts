import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { runPenstock } from "../../../test/support/run-penstock.ts";
import { startPenstock } from "../../../test/support/start-penstock.ts";
import { runtimeDirectory } from "../../launch/control/test-support/fake-deployment.ts";
import { startFakeSupervisor } from "../../launch/control/test-support/start-fake-supervisor.ts";
import { makeJob } from "../../launch/slurm/test-support/fake-slurm.ts";

test("penstock logs shows last lines of all or one, follows to the end, and lists ids it knows", async (context) => {
  const directory = runtimeDirectory(context);
  const env = { PENSTOCK_RUNTIME_DIR: directory };
  const logFile = join(directory, "rank.log");
  const json = '{"time":"2026-01-02T03:04:05.678Z","level":"info","message":"Ready","n":1}';
  writeFileSync(logFile, `one\n\u001b[31mtwo\u001b[0m\n${json}\n`);
  const supervisor = await startFakeSupervisor(context, directory, "kabc22", logFile);

  const all = await runPenstock(["logs", "-n", "1"], env);
  assert.equal(all.stdout, "rank-0 | 03:04:05 INFO Ready n=1\nrank-1 | 03:04:05 INFO Ready n=1\n");
  const one = await runPenstock(["logs", "1", "-n", "2", "--raw"], env);
  assert.equal(one.stdout, `two\n${json}\n`);
  const unknown = await runPenstock(["logs", "rank-7"], env);
  assert.equal(unknown.exitCode, 1);
  assert.match(unknown.stderr, /"rank-7": the deployment has rank-0, rank-1[^]*PROCESS_UNKNOWN/);

  const following = startPenstock(context, ["logs", "rank-0", "-f", "-n", "1"], env);
  await following.shows(/INFO Ready/);
  appendFileSync(logFile, "last words\n");
  supervisor.process.kill("SIGKILL");
  assert.equal(await following.exited, 0);
  assert.equal(following.output(), "03:04:05 INFO Ready n=1\nlast words\n");
});

test("penstock logs -f ends when nobody reads it any more", async (context) => {
  const directory = runtimeDirectory(context);
  const logFile = join(directory, "rank.log");
  writeFileSync(logFile, "one\n");
  await startFakeSupervisor(context, directory, "kabc22", logFile);
  const env = { PENSTOCK_RUNTIME_DIR: directory };
  const command = startPenstock(context, ["logs", "rank-0", "-f"], env);
  await command.shows(/one/);
  command.hangUp();
  const ended = command.exited.then(() => true);
  await eventually("it to end", () => {
    appendFileSync(logFile, "more\n");
    return Promise.race([ended, Promise.resolve(undefined)]);
  });
});

test("penstock logs says that a job has no logs while none of its nodes has told of itself", async (context) => {
  const slurm = makeJob(context, "PENDING");
  for (const words of [[], ["-f"], ["rank-0"]]) {
    const command = ["logs", ...words, "--deployment", "12"];
    const { stdout, stderr, exitCode } = await runPenstock(command, slurm.env);
    assert.deepEqual([stdout, exitCode], ["", 1], stderr);
    assert.match(stderr, /logs of job 12: .*\(Job 12 is queued: Resources\)[^]*LOGS_MISSING\s*$/);
  }
});
