import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "./test-support/load.ts";

const multi = {
  "base.toml": "[deployment]\ntype = 'multi_node'\nnum_nodes = 4\nnum_replicas = 2\n",
};

test("chooseVariants() lets an overlay change the shape, and says what that drops", async () => {
  const words = "@ base.toml --deployment.type disaggregated";
  const { config } = await load(words, multi);
  assert.equal(config.deployment.type, "disaggregated");
  assert.equal(config.deployment.num_replicas, 2);
  assert.match(
    await noticesOf(words, multi),
    /base\.toml:3:1 {2}deployment\.num_nodes: dropped, as --deployment\.type sets deployment\.type = "disaggregated"/,
  );
});

test("chooseVariants() drops a value that the new variant does not take", async () => {
  const files = { "base.toml": "[router]\ntype = 'vllm-router'\npolicy = 'cache_aware'" };
  const { config, provenance } = await load("@ base.toml --router.type penstock", files);
  assert.partialDeepStrictEqual(config.router, { type: "penstock", policy: "consistent_hash" });
  assert.equal(provenance.has("router.policy"), false);
  const kept = { "base.toml": "[router]\ntype = 'vllm-router'\npolicy = 'round_robin'" };
  const { config: other } = await load("@ base.toml --router.type penstock", kept);
  assert.partialDeepStrictEqual(other.router, { type: "penstock", policy: "round_robin" });
});

test("chooseVariants() reports keys of another variant in the same place or later", async () => {
  assert.match(
    await reportOf("--deployment.num_nodes 4"),
    /--deployment\.num_nodes {2}4\n +Expected only with deployment\.type = "multi_node"/,
  );
  const files = { "a.toml": "[deployment]\nnum_prefill_nodes = 1\ntype = 'single_node'" };
  assert.match(
    await reportOf("@ a.toml", files),
    /a\.toml:2:21 {2}deployment\.num_prefill_nodes = 1\n/,
  );
  assert.match(
    await reportOf("@ base.toml --deployment.prefill_env_vars.A b", multi),
    /Expected only with deployment\.type = "disaggregated"/,
  );
  assert.match(
    await reportOf("--router.type llm-d --router.policy round_robin"),
    /Expected only with router\.type = "penstock" or "vllm-router"/,
  );
});

test("chooseVariants() says nothing about keys where the variant's name is wrong", async () => {
  const report = await reportOf("--deployment.type disagregated --deployment.num_prefill_nodes 2");
  assert.match(report, /did you mean "disaggregated"/);
  assert.doesNotMatch(report, /Expected only with/);
});
