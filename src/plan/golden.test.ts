/**
 * Plans that were reviewed by hand, one text a shape. After a change that is meant:
 * `UPDATE_GOLDEN=1 npm test -- src/plan/golden.test.ts`, then read the difference.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Inventory } from "./inventory.ts";
import { makePlan } from "./make-plan.ts";
import { configOfToml } from "./test-support/config-of.ts";
import { drawPlan } from "./test-support/draw-plan.ts";
import { testInventory } from "./test-support/inventory.ts";

interface GoldenCase {
  readonly file: string;
  readonly toml: string;
  readonly detail?: "brief";
  readonly inventory?: Partial<Inventory>;
}

const intellect = 'model = "PrimeIntellect/INTELLECT-3"\nvllm.version = "0.30.0"\n';
const slurm = '\n[slurm]\npartition = "cluster"\n';
const disaggregated = `
[parallel]
tp = 4
[deployment]
type = "disaggregated"
num_prefill_nodes = 2
num_decode_nodes = 2
num_prefill_replicas = 2
num_decode_replicas = 1
`;
const pools = `
[pd_disagg]
prefill_gpu_ids = [0, 1, 2, 3]
prefill_tp = 2
decode_gpu_ids = [4, 5]
decode_tp = 1
`;

const embedded = 'engine = "embedded"\n';

const cases: readonly GoldenCase[] = [
  {
    file: "single-node-tp2-dp4-ep",
    toml: `${intellect}enable_expert_parallel = true\nparallel = { tp = 2, dp = 4 }`,
  },
  {
    file: "single-node-dense-dp2",
    toml: `${intellect}engine = "vllm"\nparallel = { tp = 2, dp = 2 }`,
    inventory: { isMoe: false },
  },
  {
    file: "multi-node-2",
    toml: `${intellect}parallel = { tp = 4, dp = 2 }
deployment = { type = "multi_node", num_nodes = 2 }${slurm}[router]\ntype = "vllm-router"`,
    inventory: { isMoe: true },
  },
  {
    file: "wide-ep-2-nodes-tp2-dp8",
    toml: `${intellect}enable_expert_parallel = true
parallel = { tp = 2, dp = 8 }
deployment = { type = "multi_node", num_nodes = 2 }${slurm}`,
  },
  { file: "disaggregated-6-nodes", toml: `${intellect}${disaggregated}${slurm}` },
  {
    file: "disaggregated-18-nodes",
    toml: `${intellect}${disaggregated}num_replicas = 3${slurm}`,
    detail: "brief",
  },
  {
    file: "disaggregated-llm-d-mooncake",
    toml: `${intellect}[parallel]
tp = 8
[deployment]
type = "disaggregated"
[router]
type = "llm-d"
[kv_cache_offload]
type = "mooncake"
cpu.num_bytes = 128_000_000_000
disk.path = "/scratch/kv"${slurm}`,
  },
  { file: "pd-disagg-local", toml: `${intellect}${pools}` },
  {
    file: "embedded-disaggregated",
    toml: `engine = "embedded"\ndeployment = { type = "disaggregated", prefill_dp = 2, decode_dp = 1 }`,
  },
  {
    file: "embedded-multi-node-local",
    toml: `${embedded}launch = "local"\ndeployment = { type = "multi_node", num_nodes = 2 }${slurm}`,
  },
  {
    file: "embedded-wide-ep",
    toml: `${embedded}enable_expert_parallel = true
parallel.dp = 4
deployment = { type = "multi_node", num_nodes = 2 }${slurm}`,
  },
  {
    file: "embedded-pd-disagg",
    toml: `${embedded}pd_disagg = { prefill_gpu_ids = [0, 1], decode_gpu_ids = [2] }`,
  },
  {
    file: "embedded-two-replicas",
    toml: `${embedded}deployment = { type = "disaggregated", gpus_per_node = 2, num_replicas = 2 }${slurm}`,
  },
];

for (const { file, toml, detail, inventory } of cases)
  test(`makePlan() plans ${file} as it was reviewed`, async () => {
    const config = await configOfToml(toml);
    const modelDirectory = config.model.name;
    const plan = makePlan(config, { ...testInventory, modelDirectory, ...inventory });
    const path = join(import.meta.dirname, "golden", `${file}.txt`);
    const drawn = drawPlan(plan, detail ?? "full");
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, drawn);
    assert.equal(drawn, readFileSync(path, "utf8"));
  });
