import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../config/mod.ts";
import { testInventory } from "../test-support/inventory.ts";
import { coresPerRank, embeddedEngineCommand } from "./embedded-engine.ts";

const inventory = {
  ...testInventory,
  coreCount: 8,
  modelDirectory: "/m",
  penstockCommand: ["node", "p.js"],
};
const address = { rank: 1, host: "127.0.0.1", port: 8101, machineRankCount: 2, handover: null };

async function configOf(...words: readonly string[]) {
  return (await loadConfig(words, () => Promise.reject(new Error("no files here")))).config;
}

test("embeddedEngineCommand() says everything the engine has to know", async () => {
  const config = await configOf(
    '--served-model-name=["a","b"]',
    "--model.max_model_len=512",
    "--parallel.dp=2",
  );
  assert.deepEqual(embeddedEngineCommand(config, inventory, address).join(" ").split(" --"), [
    "node p.js engine /m",
    "host 127.0.0.1",
    "port 8101",
    "data-parallel-rank 1",
    "served-model-name a",
    "served-model-name b",
    "dtype auto",
    "max-model-len 512",
    "max-num-seqs 64",
    "max-num-batched-tokens 128",
    "block-size 16",
    "seed 0",
    "machine-ranks 2",
    "log-level info",
  ]);
});

test("embeddedEngineCommand() passes on how many threads the configuration wants", async () => {
  const config = await configOf("--embedded.threads=5");
  assert.match(
    embeddedEngineCommand(config, inventory, address).join(" "),
    /--threads 5 --machine-ranks 2/,
  );
});

test("embeddedEngineCommand() switches prefix caching off where the configuration does", async () => {
  const words = async (...flags: readonly string[]) =>
    embeddedEngineCommand(await configOf(...flags), inventory, address);
  assert.equal((await words("--no-enable-prefix-caching")).at(-1), "--no-enable-prefix-caching");
  assert.doesNotMatch((await words("--enable-prefix-caching")).join(" "), /prefix-caching/);
});

test("coresPerRank() shares the cores, and gives each rank one at least", () => {
  assert.equal(coresPerRank(8, 1), 8);
  assert.equal(coresPerRank(8, 3), 2);
  assert.equal(coresPerRank(8, 20), 1);
});
