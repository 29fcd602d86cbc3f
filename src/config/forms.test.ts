import assert from "node:assert/strict";
import { test } from "node:test";
import { isRlFile } from "./forms.ts";
import { load, noticesOf, reportOf } from "./test-support/load.ts";

const rlFile = `
max_async_level = 1
seq_len = 4096

[deployment]
type = "multi_node"
gpus_per_node = 4
num_train_nodes = 1
num-infer-nodes = 2
num_infer_replicas = 3

[trainer]
enable_router_replay = true
lr = 1e-5

[orchestrator]
max_inflight_requests = 64
batch_size = 8
[orchestrator.client.elastic]
hostname = "x"
[[orchestrator.train.env]]
num_workers = 8
[[orchestrator.train.env]]
num_workers = 2
[[orchestrator.eval.env]]
id = "math"

[weight_broadcast]
type = "nccl"
session = 3

[model]
name = "m"
vlm = false

[inference]
enable_lora = true
[inference.deployment]
type = "multi_node"
num_nodes = 2
[inference.deployment.router]
policy = "round_robin"

[wandb]
project = "p"
`;

test("makeForms() finds what concerns inference in the file of an RL run", async () => {
  const { config } = await load("@ rl.toml", { "rl.toml": rlFile });
  assert.deepEqual(config.deployment, {
    type: "multi_node",
    num_nodes: 2,
    gpus_per_node: 4,
    num_replicas: 3,
    backend_port: null,
    max_restarts: 5,
  });
  assert.deepEqual(config.rl, {
    deployment_type: "multi_node",
    num_train_nodes: 1,
    num_infer_nodes: 2,
    enable_router_replay: true,
    max_inflight_requests: 64,
    max_async_level: 1,
    env_num_workers: 2,
    elastic: true,
    extra_headers_from_state: { "X-Session-ID": "trajectory_id" },
  });
  assert.equal(config.model.name, "m");
  assert.equal(config.enable_lora, true);
  assert.equal(config.weight_broadcast.type, "nccl");
  assert.partialDeepStrictEqual(config.router, { type: "penstock", policy: "round_robin" });
});

test("makeForms() leaves the rest alone, with one line saying what", async () => {
  const notices = await noticesOf("@ rl.toml", { "rl.toml": rlFile });
  const names =
    "seq_len, trainer.lr, orchestrator.batch_size, orchestrator.eval.env, weight_broadcast.session, model.vlm, wandb";
  assert.ok(
    notices
      .split("\n")
      .includes(
        `rl.toml: read as the file of an RL run; left alone, as it does not concern inference: ${names}`,
      ),
    notices,
  );
});

test("makeForms() counts what is left alone past its limit", async () => {
  const sections = Array.from({ length: 14 }, (_, index) => `[other${index}]\n`).join("");
  const notices = await noticesOf("@ rl.toml", { "rl.toml": `[inference]\n${sections}` });
  assert.match(notices, /other11 and 2 more$/);
});

test("makeForms() takes unknown keys of inference for mistakes all the same", async () => {
  const files = { "rl.toml": "[inference.paralel]\ntp = 2\n[trainer]\nfoo = 1" };
  assert.match(
    await reportOf("@ rl.toml", files),
    /rl\.toml:1:12 {2}paralel\n +Unknown key, did you mean "parallel"\?/,
  );
});

test("makeForms() finds our sections in the wrong place of an RL file", async () => {
  const text =
    "[inference]\n[parallel]\ntp = 2\n[deployment]\nnum_prefill_nodes = 2\n[log]\nfile = 'x'";
  assert.equal(
    await reportOf("@ rl.toml", { "rl.toml": text }),
    [
      "  rl.toml:2:2  parallel",
      "      Expected below [inference], as this is the file of an RL run",
      "  rl.toml:5:1  deployment.num_prefill_nodes",
      "      Expected below [inference.deployment], as this is the file of an RL run",
    ].join("\n"),
  );
});

test("makeForms() reads flags in both forms", async () => {
  const { config } = await load(
    "--inference.parallel.dp 2 --orchestrator.max_inflight_requests 8 --deployment.router.policy round_robin --deployment.num-infer-replicas 2 --inference.model x",
  );
  assert.equal(config.parallel.dp, 2);
  assert.equal(config.rl.max_inflight_requests, 8);
  assert.partialDeepStrictEqual(config.router, { type: "penstock", policy: "round_robin" });
  assert.equal(config.deployment.num_replicas, 2);
  assert.equal(config.model.name, "x");
  assert.match(await noticesOf("--trainer.lr 1"), /--trainer\.lr: left alone/);
});

test("makeForms() understands vLLM's names, and tells ours", async () => {
  const words =
    '--tensor-parallel-size 2 --kv-transfer-config {"kv_connector":"NixlConnector","kv_role":"kv_both"}';
  const { config } = await load(words);
  assert.equal(config.parallel.tp, 2);
  assert.equal(config.kv_transfer?.kv_role, "kv_both");
  assert.equal(
    await noticesOf(words),
    [
      '--tensor-parallel-size: "tensor-parallel-size" is vLLM\'s name, here it is "parallel.tp"',
      '--kv-transfer-config: "kv-transfer-config" is vLLM\'s name, here it is "kv_transfer"',
    ].join("\n"),
  );
  assert.match(await reportOf("--tensor-paralel-size 2"), /did you mean "parallel\.tp"\?/);
});

test("isRlFile() goes by sections that only an RL run has", () => {
  assert.equal(isRlFile({ inference: {} }), true);
  assert.equal(isRlFile({ orchestrator: {} }), true);
  assert.equal(isRlFile({ deployment: { "num-train-nodes": 1 } }), true);
  assert.equal(isRlFile({ deployment: { num_infer_replicas: 1 }, pd_disagg: {} }), false);
  assert.equal(isRlFile({ deployment: 3 }), false);
});

test("makeForms() lets router.processes name router.threads", async () => {
  const { config, provenance } = await load("--router.processes 4 --deployment.router.processes 3");
  assert.ok(config.router.type === "penstock" && config.router.threads === 3);
  assert.ok(provenance.has("router.threads"));
});
