import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCarriedOut } from "./check-carried-out.ts";
import { makePlan } from "./make-plan.ts";
import { configOf } from "./test-support/config-of.ts";
import { testInventory } from "./test-support/inventory.ts";

async function check(...words: readonly string[]): Promise<void> {
  checkCarriedOut(makePlan(await configOf(...words), testInventory));
}

test("checkCarriedOut() lets the embedded engine on this machine pass", async () => {
  await check();
  await check("--engine", "embedded", "--parallel.dp", "3");
});

test("checkCarriedOut() refuses what is only planned, and says what", async () => {
  const cases = [
    [["--engine", "vllm"], /Cannot start vLLM/],
    [["--slurm.partition", "p"], /under Slurm/],
    [["--engine", "embedded", "--deployment.type", "multi_node"], /of 2 nodes/],
    [["--engine", "embedded", "--pd-disagg.decode-gpu-ids", "1"], /prefill and decode apart/],
    [["--engine", "embedded", "--router.type", "llm-d"], /"router-0-epp" with files/],
  ] as const;
  for (const [words, message] of cases)
    await assert.rejects(check(...words), { code: "PLAN_NOT_CARRIED_OUT", message });
});
