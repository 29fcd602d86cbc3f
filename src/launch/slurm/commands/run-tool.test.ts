import assert from "node:assert/strict";
import { test } from "node:test";
import { runTool } from "./run-tool.ts";

test("runTool() returns what a program said, also when it says no", async () => {
  const script = "echo out; echo err >&2; echo $SLURM_TIME_FORMAT $LC_ALL; exit 3";
  assert.deepEqual(await runTool(["sh", "-c", script]), {
    exitCode: 3,
    stdout: "out\nstandard C\n",
    stderr: "err\n",
  });
});

test("runTool() says which program is not here", async () => {
  await assert.rejects(runTool(["sbatch", "x"], { env: { PATH: "/nowhere" } }), {
    code: "SBATCH_MISSING",
    message: /"sbatch"/,
  });
});

test("runTool() ends a program that hangs, and one that says too much", async () => {
  await assert.rejects(runTool(["sleep", "60"], { timeoutMs: 50 }), {
    code: "SLURM_TOOL_FAILED",
    message: /did not end within 50 ms/,
  });
  await assert.rejects(runTool(["sh", "-c", "while :; do echo aaaaaaaaaaaaaaaa; done"]), {
    code: "SLURM_TOOL_FAILED",
    message: /wrote more than \d+ bytes/,
  });
  await assert.rejects(runTool(["sh", "-c", "kill -9 $$"]), { code: "SLURM_TOOL_FAILED" });
});
