import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig } from "../../config/mod.ts";
import { inventoryFor } from "./inventory-for.ts";

// No test asks a hub that is not its own.
process.env["HF_HUB_OFFLINE"] = "1";

async function take(...words: readonly string[]) {
  const { config } = await loadConfig(words, () => Promise.reject(new Error("no files here")));
  return inventoryFor(config, { screen: { write: () => {} } });
}

test("inventoryFor() tells models with experts from dense ones", async () => {
  assert.equal((await take("--model", "penstock/reverse-moe")).isMoe, true);
  assert.equal((await take("--model", "penstock/reverse-dense")).isMoe, false);
});

test("inventoryFor() leaves a hub name to vLLM, and gets it for the embedded engine", async () => {
  const words = ["--model", "nobody/nothing"] as const;
  const { modelDirectory, isMoe } = await take("--engine", "vllm", ...words);
  assert.deepEqual([modelDirectory, isMoe], ["nobody/nothing", null]);
  await assert.rejects(take(...words), { code: "HUB_OFFLINE" });
  await assert.rejects(take("--model", "penstock/nothing"), { code: "MODEL_NOT_FOUND" });
});

test("inventoryFor() does without a config.json that it cannot read", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-inventory-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, "config.json"), "no JSON");
  assert.equal((await take("--model", directory)).isMoe, null);
});
