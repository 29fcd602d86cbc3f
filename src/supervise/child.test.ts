import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { startChild } from "./child.ts";
import { ChildOutput } from "./child-output.ts";
import type { Ending } from "./process-spec.ts";

function start(context: TestContext, script: string, env: Readonly<Record<string, string>> = {}) {
  const directory = mkdtempSync(join(tmpdir(), "penstock-child-"));
  const output = new ChildOutput(join(directory, "x.log"), () => {});
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
  const child = startChild(spec, output, ended.resolve);
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

test("startChild() does not wait for a grandchild that left the group with its output open", async (context) => {
  const script = `
    const { spawn } = require("node:child_process");
    const options = { detached: true, stdio: "inherit" };
    const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 10_000)"], options);
    process.stdout.write(String(child.pid), () => process.exit(0));`;
  const { ended, log } = start(context, script);
  assert.deepEqual(await ended, { kind: "exit", exitCode: 0 });
  process.kill(Number(log()), "SIGKILL");
});
