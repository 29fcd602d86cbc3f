import assert from "node:assert/strict";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";

test("nodeCommand names its flags in its help, and needs the Plan", async () => {
  const help = await runPenstock(["node", "--help"]);
  assert.equal(help.exitCode, 0);
  assert.match(help.stdout, /--plan/);
  assert.match(help.stdout, /--output-dir/);
  const bare = await runPenstock(["node"]);
  assert.equal(bare.exitCode, 2);
  assert.match(bare.stderr, /--plan/);
});
