import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import { isRunning } from "../../test/support/processes.ts";
import { startChild } from "./child.ts";
import { ChildOutput } from "./logs/child-output.ts";
import type { Ending } from "./process-spec.ts";
import { ProcessTree } from "./tree/process-tree.ts";

function start(context: TestContext, script: string, env: Readonly<Record<string, string>> = {}) {
  const directory = mkdtempSync(join(tmpdir(), "penstock-child-"));
  const output = new ChildOutput(join(directory, "x.log"), {
    onProgress: () => {},
    onLoss: assert.fail,
  });
  context.after(() => {
    output.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const ended = Promise.withResolvers<Ending>();
  const spec = {
    id: "x",
    argv: [process.execPath, "-e", script],
    env,
    after: [],
    restart: null,
    ready: { kind: "started" },
  } as const;
  const child = startChild(spec, { output, tree: new ProcessTree(), onEnded: ended.resolve });
  context.after(() => child.kill());
  return { child, ended: ended.promise, log: () => readFileSync(output.logFile, "utf8") };
}

test("startChild() gives the process its environment and a silent standard input", async (context) => {
  const script = `
    process.stdout.write(process.env.PENSTOCK_SUPERVISED + process.env.EXTRA);
    process.stdin.on("end", () => process.exit(1)).resume();
    setTimeout(() => process.exit(4), 100);`;
  const { ended, log } = start(context, script, { EXTRA: "!" });
  assert.deepEqual(await ended, { kind: "exit", exitCode: 4 });
  assert.equal(log(), "1!");
});

test("startChild() reports the end after the last output", async (context) => {
  const script = 'process.stderr.write("x".repeat(300_000)); process.exitCode = 2';
  const { ended, log } = start(context, script);
  assert.deepEqual(await ended, { kind: "exit", exitCode: 2 });
  assert.equal(log().length, 300_000);
});

test("startChild() reports the signal that ended the process", async (context) => {
  const { child, ended } = start(context, "setInterval(() => {}, 1000)");
  child.terminate();
  assert.deepEqual(await ended, { kind: "signal", signal: "SIGTERM" });
});

test("startChild() ends a grandchild that left the session and the environment, before it reports the end", async (context) => {
  const script = `
    const { spawn } = require("node:child_process");
    const options = { detached: true, stdio: "inherit", env: {} };
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], options);
    process.stdout.write(String(child.pid));
    setInterval(() => {}, 1000);`;
  const { child, ended, log } = start(context, script);
  const grandchild = Number(await eventually("a grandchild", () => log().match(/\d+$/)?.[0]));
  assert.ok(isRunning(grandchild));
  child.kill();
  assert.deepEqual(await ended, { kind: "signal", signal: "SIGKILL" });
  assert.ok(!isRunning(grandchild));
});

test("startChild() ends grandchildren that outlive the process they were started by", async (context) => {
  const script = `
    const { spawn } = require("node:child_process");
    const start = (detached, env) =>
      spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached, env, stdio: "ignore" }).pid;
    const pids = [start(true, process.env), start(false, {})];
    process.stdout.write(pids.join(" "), () => process.exit(0));`;
  const { ended, log } = start(context, script);
  assert.deepEqual(await ended, { kind: "exit", exitCode: 0 });
  const pids = log().split(" ").map(Number);
  assert.equal(pids.length, 2);
  assert.deepEqual(pids.filter(isRunning), []);
});
