/**
 * Every TOML block and command line of the documents that describe the configuration, one file each, with what it
 * must come to. Blocks that are given in Python stand here as the same keys in TOML.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Config, formatNotice, loadConfig } from "../../src/config/mod.ts";
import { isPenstockError } from "../../src/errors/mod.ts";

const folder = import.meta.dirname;

async function load(...words: readonly string[]) {
  return await loadConfig(words);
}

/** What each file must set, by dotted path. */
const expected: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "deployment-type": { "deployment.type": "single_node" },
  "disaggregated-instances": {
    "deployment.type": "disaggregated",
    "deployment.num_prefill_nodes": 2,
    "deployment.num_decode_nodes": 2,
    "deployment.num_prefill_replicas": 2,
    "deployment.num_decode_replicas": 1,
  },
  disaggregated: {
    "deployment.num_prefill_replicas": 1,
    "deployment.prefill_dp": 16,
    "deployment.prefill_all2all_backend": "deepep_high_throughput",
    "deployment.decode_all2all_backend": "deepep_low_latency",
    enable_expert_parallel: true,
  },
  "dry-run": { dry_run: true },
  "eighteen-nodes": {
    "deployment.num_replicas": 3,
    "rl.num_infer_nodes": 6,
    "rl.num_train_nodes": 4,
    "deployment.type": "disaggregated",
  },
  "expert-parallel": {
    all2all_backend: "pplx",
    enable_eplb: true,
    enable_dbo: true,
    "eplb_config.num_redundant_experts": 32,
    "eplb_config.log_balancedness": true,
  },
  "kv-transfer-fields": {
    "kv_transfer.kv_buffer_size": 1e9,
    "kv_transfer.kv_port": 14_579,
    "kv_transfer.kv_connector_extra_config": { backends: ["UCX", "GDS"] },
  },
  "kv-transfer-lmcache": { "kv_transfer.kv_connector": "LMCacheConnectorV1" },
  "kv-transfer-multi": {
    "kv_transfer.kv_connector_extra_config.connectors": [
      { kv_connector: "NixlConnector", kv_role: "kv_both" },
      {
        kv_connector: "OffloadingConnector",
        kv_role: "kv_both",
        kv_connector_extra_config: { block_size: 64, cpu_bytes_to_use: 10_000_000_000 },
      },
    ],
  },
  "kv-transfer-offloading": {
    "kv_transfer.kv_connector_extra_config": { block_size: 64, cpu_bytes_to_use: 10_000_000_000 },
  },
  "kv-transfer-p2p-nccl": { "kv_transfer.kv_rank": 0, "kv_transfer.kv_parallel_size": 2 },
  "kv-transfer-producer": { "kv_transfer.kv_role": "kv_producer", "parallel.tp": 4 },
  "model-shorthand": { "model.name": "PrimeIntellect/INTELLECT-3" },
  "moe-roles": { "deployment.prefill_dp": 8, "deployment.decode_dp": 8 },
  "multi-replica": { "deployment.num_nodes": 2, "parallel.tp": 2, "parallel.dp": 4 },
  "offload-native-cpu": {
    "kv_cache_offload.cpu.num_bytes": 128_000_000_000,
    "kv_cache_offload.disk": null,
    enable_prefix_caching: true,
  },
  "offload-native-disk": { "kv_cache_offload.disk.path": "/scratch/kv" },
  "pd-disagg-ep": {
    "pd_disagg.prefill_all2all_backend": "deepep_high_throughput",
    "pd_disagg.decode_all2all_backend": "deepep_low_latency",
  },
  "pd-disagg-fixed-ports": { "pd_disagg.auto_ports": false, "pd_disagg.decode_kv_port": 22_001 },
  "pd-disagg-nccl": { "weight_broadcast.type": "nccl", "rl.max_async_level": 1 },
  "pd-disagg-workers": {
    "pd_disagg.prefill_gpu_ids": [0, 1, 2, 3],
    "pd_disagg.prefill_tp": 2,
    "pd_disagg.decode_tp": 1,
  },
  "rl-replicas": { "deployment.num_replicas": 3, "deployment.num_nodes": 6 },
  "role-env-vars": {
    "deployment.prefill_env_vars": {
      VLLM_ENABLE_MOE_DP_CHUNK: "0",
      VLLM_DEEP_GEMM_WARMUP: "skip",
    },
    "deployment.decode_env_vars": { VLLM_DEEP_GEMM_WARMUP: "skip" },
  },
  "role-tuning": {
    "deployment.prefill_dp": 2,
    "deployment.decode_dp": 4,
    "deployment.decode_vllm_extra.kv_cache_dtype": "fp8",
  },
  "router-llm-d": {
    "router.type": "llm-d",
    "router.scorers": { "prefix-cache-scorer": 3, "active-request-scorer": 2 },
    "router.decode_scorer_overrides": {},
    "router.non_cached_tokens": 16,
  },
  "router-llm-d-standalone": { "router.type": "llm-d", "router.non_cached_tokens": 16 },
  "router-replay": { enable_return_routed_experts: true, "rl.enable_router_replay": true },
  "router-round-robin": { "router.policy": "round_robin" },
  "session-header": { "rl.extra_headers_from_state": { "X-Session-ID": "trajectory_id" } },
  "single-node": { enable_expert_parallel: true, "parallel.tp": 2, "parallel.dp": 4 },
  "slurm-multi-node": {
    "deployment.num_nodes": 4,
    "deployment.gpus_per_node": 8,
    "slurm.job_name": "my-inference",
  },
  "slurm-single-node": {
    output_dir: "/shared/outputs/my-inference",
    "model.name": "Qwen/Qwen3-8B",
    "parallel.tp": 8,
    "slurm.partition": "cluster",
  },
  "vllm-extra": { "vllm_extra.headless": true },
  "vllm-names": { "parallel.tp": 1, "parallel.dp": 2, gpu_memory_utilization: 0.5 },
  "wide-ep": { "parallel.dp": 8, "parallel.tp": 2, enable_expert_parallel: true },
};

/** Files that are refused as they stand, why, and the words that make them right. */
const refused: Readonly<Record<string, readonly [reason: RegExp, ...words: readonly string[]]>> = {
  "offload-mooncake": [/Expected "native" without \[slurm\]/, "--slurm", "{}"],
};

/** Blocks that are no TOML as they are printed: an ellipsis, and three files in one. */
const noToml: Readonly<Record<string, RegExp>> = {
  "model-shorthand-with-dots": /with-dots\.toml:3:1\n +Invalid TOML: illegal empty bare key/,
  "offload-three-in-one": /three-in-one\.toml:8:2\n +Invalid TOML: trying to redefine/,
};

test("every file of test/seeds is expected to be taken or refused", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".toml"));
  const named = Object.keys({ ...expected, ...refused, ...noToml }).map((name) => `${name}.toml`);
  assert.deepEqual(files.toSorted(), named.toSorted());
});

for (const [name, values] of Object.entries(expected))
  test(`loadConfig() takes test/seeds/${name}.toml`, async () => {
    const { config } = await load("@", join(folder, `${name}.toml`));
    for (const [path, value] of Object.entries(values))
      assert.deepEqual(valueAt(config, path), value, path);
  });

for (const [name, reason] of Object.entries(noToml))
  test(`loadConfig() says where test/seeds/${name}.toml is no TOML`, async () => {
    await assert.rejects(load("@", join(folder, `${name}.toml`)), reason);
  });

for (const [name, [reason, ...words]] of Object.entries(refused))
  test(`loadConfig() refuses test/seeds/${name}.toml alone`, async () => {
    const file = ["@", join(folder, `${name}.toml`)];
    await assert.rejects(
      load(...file),
      (error) =>
        isPenstockError(error) && error.code === "CONFIG_INVALID" && reason.test(error.message),
    );
    assert.ok(await load(...file, ...words));
  });

test("loadConfig() takes the flags of the documents", async () => {
  const words = "--model.name Qwen/Qwen3-0.6B --model.max_model_len 2048 --model.enforce_eager";
  const { config } = await load(...words.split(" "));
  assert.deepEqual(
    [config.model.name, config.model.max_model_len, config.model.enforce_eager],
    ["Qwen/Qwen3-0.6B", 2048, true],
  );
});

test("loadConfig() takes a file and flags over it", async () => {
  const file = join(folder, "slurm-single-node.toml");
  const flags = "--server.port 8001 --gpu-memory-utilization 0.5".split(" ");
  const { config } = await load("@", file, ...flags);
  assert.deepEqual([config.server.port, config.gpu_memory_utilization], [8001, 0.5]);
  assert.equal(config.model.name, "Qwen/Qwen3-8B");
});

test("loadConfig() takes a dry run by its flag, with a value", async () => {
  const { config } = await load("@", join(folder, "slurm-single-node.toml"), "--dry-run", "true");
  assert.equal(config.dry_run, true);
});

test("loadConfig() merges the RL run's section with inference of another file", async () => {
  const files = ["rl-replicas", "disaggregated-instances"].map((name) => `${name}.toml`);
  const words = files.flatMap((file) => ["@", join(folder, file)]);
  const together = await load("@", join(folder, "eighteen-nodes.toml"));
  assert.deepEqual((await load(...words)).config, together.config);
});

test("loadConfig() tells the reader of a file with vLLM's names what they are called here", async () => {
  const { notices } = await load("@", join(folder, "vllm-names.toml"));
  assert.match(
    notices.map(formatNotice).join("\n"),
    /vllm-names\.toml:3:1: "tensor_parallel_size" is vLLM's name, here it is "parallel\.tp"/,
  );
});

function valueAt(config: Config, path: string): unknown {
  let value: unknown = config;
  for (const key of path.split(".")) value = (value as Readonly<Record<string, unknown>>)[key];
  return value;
}
