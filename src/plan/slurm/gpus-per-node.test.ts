import assert from "node:assert/strict";
import { test } from "node:test";
import { makePlan } from "../make-plan.ts";
import { configOf } from "../test-support/config-of.ts";
import { testInventory } from "../test-support/inventory.ts";
import { gpusPerNode } from "./gpus-per-node.ts";

async function gpusOf(...words: readonly string[]): Promise<number> {
  const config = await configOf("--slurm", ...words);
  return gpusPerNode(makePlan(config, testInventory), config);
}

test("gpusPerNode() is what the user has counted, with the embedded engine too", async () => {
  const nodes = ["--deployment.type=multi_node", "--deployment.gpus-per-node=2"];
  assert.equal(await gpusOf(...nodes, "--engine=vllm"), 2);
  assert.equal(await gpusOf(...nodes, "--engine=embedded"), 2);
});

test("gpusPerNode() is what is used where nobody has counted", async () => {
  assert.equal(await gpusOf("--deployment.type=multi_node", "--parallel.tp=4"), 4);
  const pools = ["--pd-disagg.prefill-gpu-ids=[0,1]", "--pd-disagg.decode-gpu-ids=[5]"];
  assert.equal(await gpusOf(...pools), 6);
  assert.equal(await gpusOf("--deployment.type=multi_node", "--engine=embedded"), 0);
});
