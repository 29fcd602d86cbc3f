import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";
import type { Plan } from "../../plan/mod.ts";

test("runServe() prints the Plan, writes it with its configuration and starts nothing with --dry-run", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-serve-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const output = join(directory, "outputs");
  const flags = ["--output-dir", output, "--parallel.dp", "3", "--model", directory];
  const dry = await runPenstock(["serve", "--dry-run", ...flags]);
  assert.equal(dry.exitCode, 0, dry.stderr);
  const plan = JSON.parse(dry.stdout) as Plan;
  assert.equal(plan.model.source, directory);
  assert.equal(plan.endpoints.ranks.length, 3);
  assert.equal(readFileSync(join(output, "plan.json"), "utf8"), dry.stdout);
  assert.deepEqual(readdirSync(join(output, "logs")), []);
  const [, command] = /^ {2}penstock (serve @ .*config\.toml)$/m.exec(dry.stderr) ?? [];
  assert.ok(command !== undefined, dry.stderr);
  const again = await runPenstock([...command.split(" "), "--dry-run"]);
  assert.equal(again.exitCode, 0, again.stderr);
  assert.deepEqual((JSON.parse(again.stdout) as Plan).instances, plan.instances);
});

test("runServe() says which model it did not find, with exit code 1", async () => {
  const { stderr, exitCode } = await runPenstock(["serve", "--model", "penstock/nothing"]);
  assert.equal(exitCode, 1);
  assert.match(stderr, /^penstock: Cannot find the model "penstock\/nothing": /);
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

test("runServe() names everything that vLLM lacks here, and writes nothing", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-serve-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const output = join(directory, "outputs");
  const words = ["serve", "--output-dir", output, "--engine", "vllm", "--model", "/no/such/model"];
  const { stderr, exitCode } = await runPenstock([...words, "--vllm.executable", "/no/such/vllm"]);
  assert.equal(exitCode, 1);
  assert.match(stderr, /\n {4}"\/no\/such\/vllm".*--vllm\.executable\n/);
  assert.match(stderr, /\n {4}the model "\/no\/such\/model"/);
  assert.match(stderr, /VLLM_NOT_READY\s*$/);
  assert.equal(existsSync(output), false);
});
