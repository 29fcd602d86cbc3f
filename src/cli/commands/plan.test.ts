import assert from "node:assert/strict";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";
import { planFlags } from "../run/plan.ts";

test("penstock plan explains itself and every flag of its own", async () => {
  const { stdout, exitCode } = await runPenstock(["plan", "--help"]);
  assert.equal(exitCode, 0);
  for (const name of Object.keys(planFlags)) assert.match(stdout, new RegExp(`^ +--${name} `, "m"));
});

test("penstock plan hands files and flags over unread, also those that the command line knows", async () => {
  const { exitCode, stderr } = await runPenstock(["plan", "--version", "-v"]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /--version {2}"-v"\n +Unknown key|--version\n +Unknown key/);
});
