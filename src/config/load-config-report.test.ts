import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "./test-support/load.ts";

const rl = `[deployment]
type = "multi_node"
num_infer_nodes = 5

[trainer]
enable_router_replay = true

[inference]
model = "m"
enable_prefix_caching = false
all2all_backend = "deepep_low"
env_vars = { CUDA_VISIBLE_DEVICES = "0" }

[inference.parallel]
tp = 3

[inference.deployment]
type = "disaggregated"
num_prefill_nodes = 2
num_nodes = 4
prefill_tp = 16

[inference.deployment.router]
type = "llm-d"
policy = "round_robin"
scorers = { "queue-scorr" = 1.0 }

[inference.kv_cache_offload.disk]
path = "/x"

[inference.slurm]
jobname = "x"
time = "soon"

[inference.vllm_extra]
tensor_parallel_size = 2
`;

test("loadConfig() shows mistakes across keys beside those of single keys, each at its place", async () => {
  assert.equal(
    await reportOf("@ rl.toml --pd_disagg.decode_gpu_ids 0 0 --no-pd_disagg.auto_ports", {
      "rl.toml": rl,
    }),
    `  rl.toml:3:19  rl.num_infer_nodes = 5
      Expected 3: so many nodes one replica of deployment.type = "disaggregated" needs
  rl.toml:10:25  enable_prefix_caching = false
      Expected true: kv_cache_offload finds blocks by their prefix
  rl.toml:11:19  all2all_backend = "deepep_low"
      Expected one of "allgather_reducescatter", "deepep_high_throughput", "deepep_low_latency", "deepep_v2", "flashinfer_all2allv", "flashinfer_nvlink_one_sided", "flashinfer_nvlink_two_sided", "mori", "mori_high_throughput", "mori_low_latency", "naive", "nixl_ep", "pplx", did you mean "deepep_low_latency"?
  rl.toml:12:37  env_vars.CUDA_VISIBLE_DEVICES = "0"
      Expected another variable: this one is set for each process by the plan
  rl.toml:15:6  parallel.tp = 3
      Expected pd_disagg.prefill_gpu_ids to hold a multiple of 3 GPUs, as many as each worker takes, found 1
  rl.toml:18:8  deployment.type = "disaggregated"
      Expected "single_node" beside [pd_disagg], which splits the GPUs of one machine
  rl.toml:20:13  deployment.num_nodes = 4
      Expected only with deployment.type = "multi_node"
  rl.toml:24:8  router.type = "llm-d"
      Expected "penstock" or "vllm-router" with enable_return_routed_experts: llm-d does not pass them on
  rl.toml:25:10  router.policy = "round_robin"
      Expected only with router.type = "penstock" or "vllm-router"
  rl.toml:26:29  router.scorers.queue-scorr = 1
      Expected a scorer of llm-d, did you mean "queue-scorer"?
  rl.toml:28:12  kv_cache_offload
      Expected no offload with enable_return_routed_experts: blocks that come back have lost theirs
  rl.toml:28:29  kv_cache_offload.disk
      Expected [kv_cache_offload.cpu] beside it: disk is a tier behind the memory of the CPU
  rl.toml:32:1  slurm.jobname
      Unknown key, did you mean "slurm.job_name"?
  rl.toml:33:8  slurm.time = "soon"
      Expected a time limit as sbatch takes it ("60", "2:00:00", "1-12:00:00") or "None"
  rl.toml:36:24  vllm_extra.tensor_parallel_size = 2
      Expected none: the plan writes this argument from "parallel.tp"
  --pd_disagg.decode_gpu_ids  [0,0]
      Expected each GPU once: 0 is repeated
  --pd_disagg.decode_gpu_ids  [0,0]
      Expected pd_disagg.decode_gpu_ids to hold a multiple of 3 GPUs, as many as each worker takes, found 2
  --pd_disagg.decode_gpu_ids  [0,0]
      Expected GPUs that prefill does not have: 0 would do both
  --no-pd_disagg.auto_ports  false
      Expected true, or a port for each of proxy_port, prefill_port, decode_port, prefill_kv_port, decode_kv_port`,
  );
});

test("loadConfig() says what is missing behind a lone @, and which key JSON in a flag got wrong", async () => {
  assert.equal(
    await reportOf('--model m @ --server {"x":1,"prt":2} --parallel @'),
    `  @
      Expected a file after it, found none
  --server  server.x
      Unknown key
  --server  server.prt
      Unknown key, did you mean "server.port"?
  @
      Expected a file after it, found none`,
  );
});

test("loadConfig() tells everything that it changed, in the order in which it happened", async () => {
  const text = `[deployment]
num_infer_nodes = 3

[trainer]
enable_router_replay = true

[inference]
model = "m"
max_lora_rank = 9

[inference.deployment]
type = "disaggregated"
num_prefill_nodes = 2

[ckpt]
interval = 10
`;
  assert.equal(
    await noticesOf("@ rl.toml --tensor-parallel-size 4 --slurm", { "rl.toml": text }),
    `rl.toml: read as the file of an RL run; left alone, as it does not concern inference: ckpt
--tensor-parallel-size: "tensor-parallel-size" is vLLM's name, here it is "parallel.tp"
rl.toml:5:1  enable_return_routed_experts: set to true, as the trainer replays routed experts
rl.toml:12:1  enable_expert_parallel: set to true, as the deployment is disaggregated; dense models go without
rl.toml:12:1  deployment.prefill_all2all_backend: set to "deepep_high_throughput", which suits prefill
rl.toml:12:1  deployment.decode_all2all_backend: set to "deepep_low_latency", which suits decode
rl.toml:12:1  deployment.prefill_dp: set to 4, as 2 × 8 GPUs hold so many ranks of 4
rl.toml:12:1  deployment.decode_dp: set to 2, as 8 GPUs hold so many ranks of 4
rl.toml:9:1  max_lora_rank: rounded up from 9 to 16, the next rank that vLLM takes`,
  );
});

test("loadConfig() tells which of two values counts where one file sets a key twice", async () => {
  const text = "tensor_parallel_size = 2\nmax-num-seqs = 3\nmax_num_seqs = 3\n[parallel]\ntp = 4\n";
  const files = { "a.toml": text };
  assert.equal((await load("@ a.toml", files)).config.parallel.tp, 4);
  assert.equal(
    await noticesOf("@ a.toml", files),
    `a.toml:1:1: "tensor_parallel_size" is vLLM's name, here it is "parallel.tp"
a.toml:1:1  parallel.tp: overruled by a.toml:5:1, which sets it too`,
  );
  assert.equal(
    await noticesOf("@ a.toml @ b.toml", { "a.toml": "seed = 1", "b.toml": "seed = 2" }),
    "",
  );
});
