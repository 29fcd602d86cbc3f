import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { makePlan } from "../../plan/mod.ts";
import { configOfToml } from "../../plan/test-support/config-of.ts";
import { testInventory } from "../../plan/test-support/inventory.ts";
import { scratchDirectory } from "../test-support/scratch-directory.ts";
import { describeFit } from "./describe-fit.ts";

const models = join(import.meta.dirname, "..", "..", "plan", "fit", "test-support", "models");

async function describe(modelDirectory: string, toml: string): Promise<string> {
  const config = await configOfToml(`engine = "vllm"\n${toml}`);
  return describeFit(makePlan(config, { ...testInventory, modelDirectory }), config, undefined);
}

test("describeFit() reports once where all instances are laid out alike", async () => {
  const text = await describe(
    join(models, "Llama-3.1-8B"),
    "parallel.tp = 2\ngpu_memory_utilization = 0.5\nblock_size = 32\n[model]\nmax_model_len = 2048\n",
  );
  assert.match(text, /^Fit of every instance: LlamaForCausalLM fits 2 × H100, TP 2 × DP 1$/m);
  assert.match(text, /may be used \(0\.5\)/);
  assert.match(text, /blocks of 32 tokens/);
  assert.match(text, /requests of 2,048 tokens/);
  assert.equal(text.match(/^Weights$/gm)?.length, 1);
});

test("describeFit() reports for each role where the roles differ", async () => {
  const text = await describe(
    join(models, "Llama-3.1-70B"),
    `[deployment]
type = "disaggregated"
prefill_tp = 8
decode_tp = 4
decode_vllm_extra = { block_size = 32 }
[slurm]
`,
  );
  assert.match(text, /^Fit of prefill instances: .*TP 8/m);
  assert.match(text, /^Fit of decode instances: .*TP 4/m);
  assert.doesNotMatch(text, /with expert parallelism/);
  assert.match(text, /blocks of 16 tokens[^]*blocks of 32 tokens/);
});

test("describeFit() says in a line why there is no report", async (context) => {
  assert.match(await describe("nobody/nothing", ""), /^No fit report for "nobody\/nothing": /);
  const path = scratchDirectory(context, { "config.json": "{}" });
  const lines = (await describe(path("."), "")).trim().split("\n");
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^No fit report for .*: Cannot/);
});
