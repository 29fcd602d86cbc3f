import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCarriedOut } from "./check-carried-out.ts";
import { makePlan } from "./make-plan.ts";
import { configOf } from "./test-support/config-of.ts";
import { testInventory } from "./test-support/inventory.ts";

async function check(...words: readonly string[]): Promise<void> {
  checkCarriedOut(makePlan(await configOf(...words), testInventory));
}

test("checkCarriedOut() lets every shape of the embedded engine pass, and vLLM on one node", async () => {
  await check("--engine=embedded", "--deployment.type=disaggregated");
  await check("--engine=embedded", "--pd-disagg");
  await check("--engine=vllm", "--parallel.dp=2", "--router.type=llm-d");
});

test("checkCarriedOut() refuses nodes of vLLM that would share this machine", async () => {
  const message = /Cannot start vLLM on 2 nodes without Slurm/;
  const several = check("--parallel.tp=2", "--deployment.type=multi_node");
  await assert.rejects(several, { code: "PLAN_NOT_CARRIED_OUT", message });
});
