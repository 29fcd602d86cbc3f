import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { readProcessTable, readStartTime, tokenVariable } from "./process-table.ts";

function spawnSleeper(context: TestContext, env: NodeJS.ProcessEnv) {
  // A name with brackets and spaces, as in proc_pid_stat(5), must not shift the fields.
  const script =
    'process.title = "a) R (b"; process.stdout.write("up"); setInterval(() => {}, 1e3)';
  const child = spawn(process.execPath, ["-e", script], { env, detached: true });
  context.after(() => child.kill("SIGKILL"));
  return child;
}

test("readProcessTable() reads parent, session, start time and token of a process", async (context) => {
  const child = spawnSleeper(context, { A: "x", [tokenVariable]: "t1", SPT_NOENV: "1" });
  await once(child.stdout, "data");
  const entry = readProcessTable().find(({ pid }) => pid === child.pid);
  assert.equal(entry?.parentPid, process.pid);
  assert.equal(entry.session, child.pid);
  assert.equal(entry.startTime, readStartTime(child.pid!));
  assert.match(entry.startTime, /^\d+$/);
});

test("readProcessTable() takes the token for what it is alone", async (context) => {
  const children = [
    { [`MY_${tokenVariable}`]: "no" },
    { A: `${tokenVariable}=no` },
    { [tokenVariable]: "yes", B: "x" },
    { PADDING: "x".repeat(100_000), [tokenVariable]: "yes" },
  ].map((env) => spawn("/bin/sleep", ["60"], { env }));
  context.after(() => children.map((child) => child.kill("SIGKILL")));
  await Promise.all(children.map((child) => once(child, "spawn")));
  const table = readProcessTable();
  const tokens = children.map((child) => table.find(({ pid }) => pid === child.pid)?.token);
  assert.deepEqual(tokens, [undefined, undefined, "yes", "yes"]);
});

test("readStartTime() knows nothing of a process that is not there", () => {
  assert.equal(readStartTime(0), undefined);
});
