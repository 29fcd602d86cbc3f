import assert from "node:assert/strict";
import { test } from "node:test";
import { makePlan } from "../../../plan/mod.ts";
import { configOfToml } from "../../../plan/test-support/config-of.ts";
import { testInventory } from "../../../plan/test-support/inventory.ts";
import type { Part } from "./fold.ts";
import { planParts } from "./plan-parts.ts";

async function partsOf(toml: string, argv = false): Promise<readonly Part[]> {
  return planParts(makePlan(await configOfToml(toml), testInventory), { argv });
}

const labelsOf = (parts: readonly Part[]) => parts.map(({ tree }) => tree.label);
const disaggregated = `engine = "vllm"
[parallel]
tp = 8
[deployment]
type = "disaggregated"
num_prefill_replicas = 2
[slurm]
`;

test("planParts() holds router and instances in their replica, ranks in their instance", async () => {
  const parts = await partsOf("[deployment]\ntype = 'multi_node'\n[slurm]\n");
  assert.deepEqual(labelsOf(parts), ["replica 0"]);
  assert.deepEqual(labelsOf(parts[0]!.children), ["router-0", "engine-0", "engine-1"]);
  assert.deepEqual(labelsOf(parts[0]!.children[1]!.children), ["rank 0"]);
});

test("planParts() finds instances alike that differ by names and nodes only", async () => {
  const [replica] = await partsOf(disaggregated);
  const [, first, second, decode] = replica!.children;
  assert.equal(first!.likeness, second!.likeness);
  assert.notEqual(first!.likeness, decode!.likeness);
  assert.deepEqual(second!.spans, { nodes: [1] });
});

test("planParts() tells instances apart whose devices or ports differ", async () => {
  const [replica] = await partsOf(
    "[pd_disagg]\nprefill_gpu_ids = [0, 1]\nprefill_tp = 1\ndecode_gpu_ids = [2]\n",
  );
  const [, first, second] = replica!.children;
  assert.notEqual(first!.likeness, second!.likeness);
});

test("planParts() shows each node of an instance that spans several", async () => {
  const [replica] = await partsOf(
    `enable_expert_parallel = true\nparallel = { tp = 4, dp = 4 }
deployment = { type = "multi_node", num_nodes = 2 }\n[slurm]\n`,
  );
  const engine = replica!.children[1]!;
  assert.deepEqual(labelsOf(engine.children), ["node 0", "node 1"]);
  assert.deepEqual(labelsOf(engine.children[1]!.children), ["rank 2", "rank 3"]);
  assert.deepEqual(engine.children[1]!.tree.facts, ["ranks 2-3"]);
  assert.ok(engine.tree.facts.includes("ranks meet at {node:0}:29550"));
});

test("planParts() sets the store that all share beside the replicas", async () => {
  const parts = await partsOf(
    `${disaggregated}[kv_cache_offload]\ntype = "mooncake"\ncpu.num_bytes = 1e9\n`,
  );
  assert.deepEqual(labelsOf(parts), ["replica 0", "store"]);
  assert.deepEqual(labelsOf(parts[1]!.children).slice(0, 2), [
    "mooncake-master",
    "mooncake-client-0",
  ]);
});

test("planParts() hangs a rank's helpers below the rank", async () => {
  const parts = await partsOf(`${disaggregated}[router]\ntype = "llm-d"\n`);
  const decode = parts[0]!.children.find(({ tree }) => tree.label === "decode-0");
  assert.equal(decode!.children[0]!.tree.label, "rank 0");
  assert.equal(decode!.children[0]!.children.length, 1);
});

test("planParts() shows every part of the Plan with its command line", async () => {
  const parts = await partsOf(disaggregated, true);
  const shown = (part: Part): number =>
    (part.tree.details.length > 0 ? 1 : 0) +
    part.children.reduce((sum, each) => sum + shown(each), 0);
  assert.equal(
    parts.reduce((sum, part) => sum + shown(part), 0),
    4,
  );
});
