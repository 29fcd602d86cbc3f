import assert from "node:assert/strict";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";

test("penstock status says how a deployment is named and where it is looked for", async () => {
  const { stdout, exitCode } = await runPenstock(["status", "--help"]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /penstock status \[-f\] \[--json\] \[--deployment NAME \| JOB\]/);
  assert.match(stdout, /penstock status 4711 +Slurm job 4711/);
  assert.match(stdout, /PENSTOCK_RUNTIME_DIR/);
});

test("penstock status refuses a second name and flags that it does not have", async () => {
  for (const words of [["a", "b"], ["--jsn"]]) {
    const { stderr, exitCode } = await runPenstock(["status", ...words]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /COMMAND_INVALID/);
  }
});
