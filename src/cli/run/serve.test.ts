import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";
import type { Plan } from "../../plan/mod.ts";

test("runServe() prints the Plan and writes nothing with --dry-run", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-serve-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const output = join(directory, "outputs");
  const words = [
    "serve",
    "--dry-run",
    "--output-dir",
    output,
    "--parallel.dp",
    "3",
    "--model",
    directory,
  ];
  const { stdout, exitCode, stderr } = await runPenstock(words);
  assert.equal(exitCode, 0, stderr);
  const plan = JSON.parse(stdout) as Plan;
  assert.equal(plan.model.source, directory);
  assert.equal(plan.endpoints.ranks.length, 3);
  assert.equal(existsSync(output), false);
});

test("runServe() says which model it did not find, with exit code 1", async () => {
  const { stderr, exitCode } = await runPenstock(["serve", "--model", "nobody/nothing"]);
  assert.equal(exitCode, 1);
  assert.match(stderr, /^penstock: Cannot find the model "nobody\/nothing": /);
  assert.match(stderr, /MODEL_NOT_FOUND\s*$/);
});
