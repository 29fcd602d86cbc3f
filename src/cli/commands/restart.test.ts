import assert from "node:assert/strict";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";

test("penstock restart explains itself and wants the name of a process", async () => {
  const { stdout } = await runPenstock(["restart", "--help"]);
  assert.match(stdout, /penstock restart \[--deployment NAME\] \[--no-wait\] PROCESS/);
  const { stderr, exitCode } = await runPenstock(["restart"]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /expected.*PROCESS[^]*COMMAND_INVALID/i);
});
