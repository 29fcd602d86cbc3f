import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";

const bin = join(import.meta.dirname, "..", "..", "..", "bin", "penstock.js");

function planFile(context: TestContext, nodes: readonly object[]): string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-node-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "plan.json");
  writeFileSync(file, JSON.stringify({ version: 1, nodes }));
  return file;
}

const step = {
  SLURM_JOB_ID: "12",
  SLURM_NODEID: "1",
  SLURM_PROCID: "1",
  SLURM_STEP_NODELIST: "x[0-1]",
  SLURM_STEP_NUM_NODES: "2",
  SLURM_STEP_NUM_TASKS: "2",
};

test("runNode() runs in a step of a job only", async (context) => {
  const { stderr, exitCode } = await runPenstock([
    "node",
    "--plan",
    planFile(context, [{ index: 0, processes: [] }]),
  ]);
  assert.equal(exitCode, 1);
  assert.match(stderr, /SLURM_NODEID is not set[^]*SLURM_STEP_INVALID\s*$/);
});

test("runNode() puts the node before each line of its error, as all nodes write to one log", async (context) => {
  const nodes = [0, 1].map((index) => ({ index, processes: [] }));
  const env = { ...step, PATH: "/nowhere" };
  const { stderr, exitCode } = await runPenstock(["node", "--plan", planFile(context, nodes)], env);
  assert.equal(exitCode, 1);
  const lines = stderr.trimEnd().split("\n");
  assert.match(lines[0]!, /^penstock node 1 \(.*\): Cannot reach Slurm: .*"scontrol"/);
  assert.ok(
    lines.every((line) => line.startsWith("penstock node 1 (")),
    stderr,
  );
  assert.match(lines.at(-1)!, /SBATCH_MISSING$/);
});

test("runNode() says after a second that the Plan is not there yet, and goes on when it is", async (context) => {
  const file = planFile(context, [{ index: 0, processes: [] }]);
  const late = `${file}.late`;
  const child = spawn(process.execPath, [bin, "node", "--plan", late], { timeout: 60_000 });
  const exit = once(child, "exit");
  let stderr = "";
  for await (const chunk of child.stderr) {
    stderr += String(chunk);
    if (stderr.startsWith("Waiting") && !existsSync(late)) copyFileSync(file, late);
  }
  assert.deepEqual(await exit, [1, null]);
  assert.match(stderr, /^Waiting up to 10 s on \S+ for ".*\.late", which is not there yet\n/);
  assert.match(stderr, /SLURM_NODEID is not set[^]*SLURM_STEP_INVALID\s*$/);
});

test("runNode() needs a directory where the Plan has no file", async () => {
  const { stderr, exitCode } = await runPenstock(["node", "--plan", "-"]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /expected --output-dir beside "--plan -"/);
});
