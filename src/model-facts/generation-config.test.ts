import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readGenerationConfig } from "./generation-config.ts";

let directory = "";
before(() => {
  directory = mkdtempSync(join(tmpdir(), "penstock-"));
});
after(() => rmSync(directory, { recursive: true }));

function write(config: unknown): void {
  writeFileSync(join(directory, "generation_config.json"), JSON.stringify(config));
}

test("readGenerationConfig() has no defaults where there is no file", async () => {
  assert.deepEqual(await readGenerationConfig(directory), { eosTokenIds: null, defaults: {} });
});

test("readGenerationConfig() reads eos ids and sampling defaults", async () => {
  write({
    eos_token_id: 7,
    temperature: 0.6,
    top_k: 20,
    do_sample: true,
    transformers_version: "5",
  });
  const { eosTokenIds, defaults } = await readGenerationConfig(directory);
  assert.deepEqual(eosTokenIds, [7]);
  assert.deepEqual(defaults, { temperature: 0.6, top_k: 20 });
});

test("readGenerationConfig() takes do_sample false for greedy", async () => {
  write({ do_sample: false, temperature: 0.6, max_new_tokens: 5 });
  const { defaults } = await readGenerationConfig(directory);
  assert.deepEqual(defaults, { temperature: 0, max_new_tokens: 5 });
});

test("readGenerationConfig() refuses values out of range", async () => {
  write({ top_p: 2 });
  await assert.rejects(readGenerationConfig(directory), { code: "MODEL_CONFIG_INVALID" });
});
