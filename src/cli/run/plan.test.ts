import assert from "node:assert/strict";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";
import type { Plan } from "../../plan/mod.ts";

test("penstock plan draws the bundled model's two ranks", async () => {
  const { stdout, exitCode } = await runPenstock(["plan", "@", "examples/dp2.toml"]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^Single node: reverse on the embedded engine, started here$/m);
  assert.match(stdout, /─ rank 1 {2}http 8101$/m);
  assert.match(stdout, /^No fit report: the embedded engine computes on cores/m);
});

test("penstock plan --json prints the Plan that serve would carry out", async () => {
  const words = ["--parallel.dp", "2"];
  const shown = await runPenstock(["plan", ...words, "--json"]);
  const served = await runPenstock(["serve", ...words, "--dry-run"]);
  assert.deepEqual(JSON.parse(shown.stdout), JSON.parse(served.stdout) as Plan);
});

test("penstock plan tells of adjustments on standard error, and of mistakes with exit code 2", async () => {
  const words = ["plan", "--model", "a/b", "--tensor-parallel-size", "2"];
  const { stdout, stderr, exitCode } = await runPenstock(words);
  assert.equal(exitCode, 0);
  assert.match(stderr, /"tensor-parallel-size" is vLLM's name, here it is "parallel\.tp"/);
  assert.match(stdout, /^No fit report for "a\/b": its config\.json is not on this machine/m);
  assert.equal((await runPenstock(["plan", "--parallel.tp", "0"])).exitCode, 2);
});

test("penstock plan shows a deployment whose model is not here", async () => {
  for (const words of [["plan"], ["serve", "--dry-run"]]) {
    const shown = await runPenstock([...words, "--model", "nobody/nothing"]);
    assert.equal(shown.exitCode, 0, shown.stderr);
    assert.match(shown.stdout, /nobody\/nothing/);
    assert.match(shown.stderr, /^model\.name: there is no "nobody\/nothing" on this machine/m);
  }
});

test("penstock plan reckons with the GPU that it is given, and knows its name", async () => {
  const words = ["plan", "--engine", "vllm", "--parallel.tp", "2"];
  const { stdout } = await runPenstock([...words, "--gpu", "H200"]);
  assert.match(stdout, /^Fit of every instance: Qwen3MoeForCausalLM fits 2 × H200, TP 2 × DP 1$/m);
  const { stderr, exitCode } = await runPenstock([...words, "--gpu", "H20O"]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /--gpu takes one of .*, found "H20O", did you mean "H200"\?/);
});
