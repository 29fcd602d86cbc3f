import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { parseLogLine } from "../../telemetry/mod.ts";

const program = join(import.meta.dirname, "../../../test/support/programs/runs-server.ts");

function run(context: TestContext, how: string, isSupervised = true) {
  const env = { ...process.env, PENSTOCK_SUPERVISED: isSupervised ? "1" : "" };
  const child = spawn(process.execPath, [program, how], { env });
  context.after(() => child.kill("SIGKILL"));
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  const ended = new Promise((resolve) =>
    child.once("close", (code, signal) => resolve(code ?? signal)),
  );
  const says = (text: string) =>
    eventually(text, () => (output.stdout + output.stderr).includes(text), 20_000);
  const fatal = () =>
    output.stderr
      .split("\n")
      .map(parseLogLine)
      .find((line) => line?.level === "fatal");
  return { child, output, ended, says, fatal };
}

test("runServer() closes its server on SIGTERM and SIGINT and ends well", async (context) => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const { child, output, ended, says } = run(context, "serves", false);
    await says("Listening");
    child.kill(signal);
    assert.equal(await ended, 0);
    assert.match(output.stdout, /closed/);
    assert.match(output.stderr, /INFO \[test\] Listening url=http/);
  }
});

test("runServer() waits for a server that finishes what runs, until Ctrl-C is pressed again", async (context) => {
  const { child, ended, says } = run(context, "lingers", false);
  await says("Listening");
  child.kill("SIGINT");
  await says("closing");
  child.kill("SIGINT");
  assert.equal(await ended, 130);
});

test("runServer() ends with its standard input when it is supervised", async (context) => {
  const { child, ended, says, output } = run(context, "serves");
  await says("Listening");
  child.stdin.end();
  assert.equal(await ended, 0);
  assert.match(output.stdout, /closed/);
});

test("runServer() breaks off a start that takes long", async (context) => {
  const { child, ended, says, fatal } = run(context, "slow");
  await says("starting");
  child.kill("SIGTERM");
  assert.equal(await ended, 0);
  assert.equal(fatal(), undefined);
});

test("runServer() closes a server whose start cannot be broken off", async (context) => {
  const { child, ended, says, output } = run(context, "starts-late");
  await says("starting");
  child.kill("SIGTERM");
  assert.equal(await ended, 0);
  assert.match(output.stdout, /closed/);
});

test("runServer() names the cause of its end in one fatal line when it is supervised", async (context) => {
  const cases = {
    fails: "MODEL_FILE_MISSING",
    "finds-port-taken": "PORT_IN_USE",
    breaks: "UNEXPECTED",
  };
  for (const [how, code] of Object.entries(cases)) {
    const { ended, fatal } = run(context, how);
    assert.equal(await ended, 1);
    assert.equal(fatal()?.["code"], code);
    assert.equal(typeof fatal()?.["hint"], "string");
  }
});

test("runServer() names the key that moves a further port of its server when it is supervised", async (context) => {
  const { ended, fatal } = run(context, "finds-other-port-taken");
  assert.equal(await ended, 1);
  assert.match(fatal()!.message, /^Cannot start the side channel: port 1 .* another process$/);
  assert.match(String(fatal()!["hint"]), /--kv-transfer\.kv-port$/);
});

test("runServer() throws the cause when a person started it", async (context) => {
  const { output, ended } = run(context, "fails", false);
  await ended;
  assert.match(output.stdout, /thrown PenstockError: Cannot load the model in "m"/);
  assert.equal(output.stderr, "");
});

test("runServer() closes and fails when its server dies by itself", async (context) => {
  const { ended, fatal, output } = run(context, "dies");
  assert.equal(await ended, 1);
  assert.match(fatal()!.message, /out of memory/);
  assert.match(output.stdout, /closed/);
});
