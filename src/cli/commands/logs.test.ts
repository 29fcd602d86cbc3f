import assert from "node:assert/strict";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";

test("penstock logs explains itself and takes whole numbers of lines only", async () => {
  const { stdout } = await runPenstock(["logs", "--help"]);
  assert.match(stdout, /penstock logs rank-3 -f\n/);
  assert.match(stdout, /-n +\[--lines\] .*default = 20/);
  for (const lines of ["-1", "x", "1.5"]) {
    const { stderr, exitCode } = await runPenstock(["logs", "-n", lines]);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, /COMMAND_INVALID/);
  }
});
