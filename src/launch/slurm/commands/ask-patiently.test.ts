import assert from "node:assert/strict";
import { test } from "node:test";
import { PenstockError } from "../../../errors/mod.ts";
import { askPatiently } from "./ask-patiently.ts";
import type { ToolResult } from "./run-tool.ts";

const away = {
  exitCode: 1,
  stdout: "",
  stderr: "slurm_load_node error: Unable to contact slurm controller (connect failure)",
};
const well = { exitCode: 0, stdout: "NodeName=x0", stderr: "" };

function asking(...answers: readonly (ToolResult | PenstockError)[]) {
  const left = [...answers];
  const retries: string[] = [];
  const controller = new AbortController();
  const ask = askPatiently(
    () => {
      const answer = left.shift()!;
      return answer instanceof PenstockError ? Promise.reject(answer) : Promise.resolve(answer);
    },
    {
      nodeCount: 2,
      signal: controller.signal,
      random: () => 0,
      onRetry: (reason) => {
        retries.push(reason);
        if (left.length === 0) controller.abort();
      },
    },
  );
  return { ask, retries };
}

test("askPatiently() asks a slurmctld again that is away", async () => {
  const killed = new PenstockError("SLURM_TOOL_FAILED", { program: "scontrol", reason: "silence" });
  const { ask, retries } = asking(away, killed, well);
  assert.equal(await ask(["scontrol", "show", "node"]), well);
  assert.match(retries[0]!, /Unable to contact/);
  assert.match(retries[1]!, /silence/);
});

test("askPatiently() takes a no for an answer", async () => {
  const no = { exitCode: 1, stdout: "", stderr: "Invalid node name specified" };
  assert.equal(await asking(no).ask(["scontrol"]), no);
  const missing = new PenstockError("SBATCH_MISSING", { program: "scontrol" });
  await assert.rejects(asking(missing).ask(["scontrol"]), { code: "SBATCH_MISSING" });
});

test("askPatiently() waits no longer than its signal", async () => {
  await assert.rejects(asking(away).ask(["scontrol"]), { name: "AbortError" });
});
