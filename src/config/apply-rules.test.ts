import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "./test-support/load.ts";

test("applyRules() lets later rules see what earlier ones adjusted", async () => {
  const { config, provenance } = await load("--rl.num_infer_nodes 2 --enable-expert-parallel");
  assert.equal(config.parallel.dp, 16);
  assert.deepEqual(provenance.get("deployment.type"), {
    kind: "rule",
    because: 'set to "multi_node", as the RL file gives inference 2 nodes',
  });
});

test("applyRules() tells an adjustment at the place of its cause", async () => {
  const files = { "a.toml": "[kv_cache_offload.cpu]\nnum_bytes = 1" };
  assert.equal(
    await noticesOf("@ a.toml", files),
    "a.toml:1:2  enable_prefix_caching: set to true, as kv_cache_offload finds blocks by their prefix",
  );
});

test("applyRules() shows a mistake at the key that the user set", async () => {
  const report = await reportOf("--server.port 65400 --parallel.dp 100");
  assert.match(report, /--server\.port {2}65400/);
  assert.match(
    await reportOf('--router.type llm-d --router.scorers {"a.b":1}'),
    /--router\.scorers {2}router\.scorers\."a\.b" = 1\n +Expected a scorer/,
  );
});

test("applyRules() says once what two roles have in common", async () => {
  const report = await reportOf("--deployment.type disaggregated --parallel.tp 16");
  assert.equal(report.match(/Expected at most 8/g)?.length, 1);
});

test("applyRules() says nothing about sections that lost their wrong key", async () => {
  const report = await reportOf("--slurm --kv_cache_offload.cpu.num_bytes 128GB");
  assert.equal(report.match(/Expected/g)?.length, 1);
});

test("applyRules() says nothing about keys that are wrong already", async () => {
  const report = await reportOf("--engine embedded --parallel.tp x");
  assert.match(report, /Expected a whole number/);
  assert.doesNotMatch(report, /Expected 1:/);
});
