import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf } from "../test-support/load.ts";

async function deploymentOf(words: string) {
  const { config } = await load(`--deployment.type disaggregated ${words}`);
  assert.equal(config.deployment.type, "disaggregated");
  return {
    config,
    ...config.deployment,
  };
}

test("disaggregatedDefaults() spreads experts, with kernels that suit each role", async () => {
  const { config, ...plain } = await deploymentOf("");
  assert.equal(config.enable_expert_parallel, true);
  assert.equal(plain.prefill_all2all_backend, "deepep_high_throughput");
  assert.equal(plain.decode_all2all_backend, "deepep_low_latency");
});

test("disaggregatedDefaults() leaves alone what was said", async () => {
  const off = await deploymentOf("--no-enable-expert-parallel");
  assert.equal(off.config.enable_expert_parallel, false);
  assert.equal(off.prefill_all2all_backend, null);
  const shared = await deploymentOf("--all2all_backend allgather_reducescatter");
  assert.equal(shared.decode_all2all_backend, null);
  const own = await deploymentOf("--deployment.decode_all2all_backend pplx");
  assert.equal(own.decode_all2all_backend, "pplx");
  assert.equal(own.prefill_all2all_backend, "deepep_high_throughput");
});

test("disaggregatedDefaults() fills the GPUs of each role with ranks", async () => {
  const words = "--deployment.num_prefill_nodes 2 --parallel.tp 2 --deployment.decode_tp 4";
  const { prefill_dp, decode_dp } = await deploymentOf(words);
  assert.deepEqual([prefill_dp, decode_dp], [8, 2]);
  const given = await deploymentOf("--parallel.dp 4 --deployment.decode_dp 2");
  assert.deepEqual([given.prefill_dp, given.decode_dp], [4, 2]);
  assert.match(
    await noticesOf(`--deployment.type disaggregated ${words}`),
    /deployment\.prefill_dp: set to 8, as 2 × 8 GPUs hold so many ranks of 2/,
  );
});

test("disaggregatedDefaults() gives the embedded engine one rank a node, unless GPUs were counted", async () => {
  const plain = await deploymentOf("--engine embedded --deployment.num_decode_nodes 3");
  assert.deepEqual([plain.prefill_dp, plain.decode_dp], [1, 3]);
  assert.equal(plain.config.enable_expert_parallel, false);
  const counted = await deploymentOf("--engine embedded --deployment.gpus_per_node 2");
  assert.deepEqual([counted.prefill_dp, counted.decode_dp], [2, 2]);
});
