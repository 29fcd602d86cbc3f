import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCarriedOut } from "./check-carried-out.ts";
import { makePlan } from "./make-plan.ts";
import { configOf } from "./test-support/config-of.ts";
import { testInventory } from "./test-support/inventory.ts";

async function check(...words: readonly string[]): Promise<void> {
  checkCarriedOut(makePlan(await configOf(...words), testInventory));
}

test("checkCarriedOut() lets every deployment on this machine pass", async () => {
  await check();
  await check("--engine", "vllm");
  await check("--engine", "embedded", "--deployment.type", "multi_node");
});

test("checkCarriedOut() refuses a deployment under Slurm", async () => {
  await assert.rejects(check("--slurm.partition", "p"), {
    code: "PLAN_NOT_CARRIED_OUT",
    message: /under Slurm/,
  });
});
