import assert from "node:assert/strict";
import { run, type StricliProcess } from "@stricli/core";
import { test } from "node:test";
import { makeApplication } from "./application.ts";

/** Runs the command in this process and gives what it printed. */
async function print(...argv: readonly string[]) {
  const printed = { stdout: "", stderr: "" };
  const process: StricliProcess = {
    stdout: { write: (text: string) => void (printed.stdout += text) },
    stderr: { write: (text: string) => void (printed.stderr += text) },
  };
  await run(await makeApplication(argv), argv, { process });
  return { ...printed, exitCode: Number(process.exitCode) };
}

test("makeApplication() lists its commands", async () => {
  const { stdout, exitCode } = await print("--help");
  assert.equal(exitCode, 0);
  for (const command of [
    "serve",
    "plan",
    "config",
    "status",
    "logs",
    "stop",
    "restart",
    "engine",
    "router",
    "fit",
  ])
    assert.match(stdout, new RegExp(`^  ${command} +[A-Z]`, "m"));
});

test("makeApplication() shows every key in the help of serve, with examples", async () => {
  const { stdout } = await print("serve", "--help");
  assert.match(stdout, /penstock serve \[@ FILE\.toml \.\.\.\] \[--section\.key VALUE \.\.\.\]/);
  assert.match(
    stdout,
    /--parallel\.dp\n +Data-parallel ranks .*\n +\(a whole number .*default 1\)/,
  );
});

test("makeApplication() says its version", async () => {
  assert.match((await print("--version")).stdout, /^\d+\.\d+\.\d+\n$/);
});

test("makeApplication() says what a flag expects in one sentence", async () => {
  const { stderr } = await print("logs", "-n", "-3");
  assert.match(stderr, /command: --lines: expected a whole number, found "-3"\n/);
});

test("makeApplication() refuses commands and flags that are not there", async () => {
  for (const argv of [["serv"], ["router", "--prot", "1"], ["engine"]]) {
    const { stderr, exitCode } = await print(...argv);
    assert.ok(exitCode < 0, argv.join(" "));
    assert.match(
      stderr,
      /^penstock: Cannot run the command: [a-z].*\n {2}Run .*\n {2}COMMAND_INVALID\n$/,
    );
  }
});
