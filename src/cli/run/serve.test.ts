import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
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

test("runServe() writes what a deployment under Slurm needs with --dry-run, and tells how to run it", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-serve-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const output = join(directory, "outputs");
  const words = [
    "serve",
    "--output-dir",
    output,
    "--slurm.partition",
    "p",
    "--model",
    "owner/name",
  ];
  const { stdout, exitCode, stderr } = await runPenstock([...words, "--dry-run"]);
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(readdirSync(output).toSorted(), [
    "config.toml",
    "logs",
    "penstock.sbatch",
    "plan.json",
    "ray",
  ]);
  assert.equal(readFileSync(join(output, "plan.json"), "utf8"), stdout);
  assert.match(stderr, /^ {2}sbatch .*penstock\.sbatch$/m);
});

test("runServe() starts and writes nothing of a Plan that it does not carry out", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-serve-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const output = join(directory, "outputs");
  for (const flags of [
    ["--slurm.partition", "p"],
    ["--engine", "vllm"],
  ]) {
    const { stderr, exitCode } = await runPenstock(["serve", "--output-dir", output, ...flags]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /PLAN_NOT_CARRIED_OUT\s*$/);
    assert.match(stderr, /--dry-run/);
  }
  assert.equal(existsSync(output), false);
});
