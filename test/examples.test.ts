/** Every file of examples/ loads and turns into the deployment that its comments promise. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { loadConfig, toToml } from "../src/config/mod.ts";
import { makePlan } from "../src/plan/mod.ts";
import { testInventory } from "../src/plan/test-support/inventory.ts";

const folder = join(import.meta.dirname, "..", "examples");

/** Shape, launcher, nodes, GPUs, instances and ranks. */
const promised: Readonly<Record<string, string>> = {
  "busy-router.toml": "single_node local 1 0 1 2",
  "disaggregated.toml": "disaggregated slurm 6 48 3 12",
  "dp2.toml": "single_node local 1 0 1 2",
  "laptop.toml": "single_node local 1 0 1 1",
  "llm-d.toml": "disaggregated slurm 2 16 2 2",
  "local-disaggregated.toml": "disaggregated local 3 0 3 3",
  "lora.toml": "single_node local 1 2 1 1",
  "multi-node.toml": "multi_node slurm 4 32 4 4",
  "offload-mooncake.toml": "multi_node slurm 2 16 2 2",
  "offload-native.toml": "single_node local 1 8 1 1",
  "pd-disagg.toml": "pd_disagg local 1 6 4 4",
  "rl-eighteen-nodes.toml": "disaggregated slurm 18 144 9 36",
  "router-replay.toml": "single_node local 1 8 1 4",
  "single-node.toml": "single_node local 1 8 1 4",
  "slurm-disaggregated.toml": "disaggregated slurm 6 0 3 12",
  "slurm-multi-replica.toml": "multi_node slurm 4 0 4 4",
  "slurm-wide-ep.toml": "wide_ep slurm 2 0 1 4",
  "slurm-two-replicas.toml": "disaggregated slurm 12 0 6 24",
  "wide-ep.toml": "wide_ep slurm 2 16 1 8",
};

test("every example has its promise, and every promise its example", () => {
  assert.deepEqual(readdirSync(folder).toSorted(), Object.keys(promised).toSorted());
});

for (const [name, promise] of Object.entries(promised)) {
  test(`examples/${name} turns into what it promises`, async () => {
    const { shape, launcher, nodes, instances, endpoints } = await planOf(fileText(name));
    const gpus = nodes.flatMap(({ processes }) => processes.flatMap((each) => each.gpus));
    const counts = [nodes.length, gpus.length, instances.length, endpoints.ranks.length];
    assert.equal([shape, launcher, ...counts].join(" "), promise);
  });

  test(`examples/${name} has the same Plan when it is written out and read again`, async () => {
    const text = fileText(name);
    const { config } = await load(text);
    assert.deepEqual(await planOf(toToml(config)), await planOf(text));
  });

  test(`examples/${name} names the schema for editors`, () => {
    const schema = /^#:schema (.+)\n/.exec(fileText(name))?.[1];
    assert.ok(schema !== undefined && existsSync(resolve(folder, schema)), schema);
    assert.equal(dirname(schema), "../docs/reference");
  });
}

function fileText(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

function load(text: string) {
  return loadConfig(["@", "example.toml"], () => Promise.resolve(text));
}

async function planOf(text: string) {
  const { config } = await load(text);
  return makePlan(config, { ...testInventory, modelDirectory: config.model.name });
}
