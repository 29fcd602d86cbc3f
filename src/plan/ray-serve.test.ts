import assert from "node:assert/strict";
import { test } from "node:test";
import { makePlan } from "./make-plan.ts";
import { engineArgsOf, rayServe } from "./ray-serve.ts";
import { configOf } from "./test-support/config-of.ts";
import { testInventory } from "./test-support/inventory.ts";

async function appOf(...words: readonly string[]) {
  const inventory = { ...testInventory, isMoe: true, vllmVersion: "0.30.0" };
  const plan = makePlan(await configOf("--engine=vllm", ...words), inventory);
  const { file } = rayServe(plan, { host: "0.0.0.0", port: 8000 })!;
  const config: unknown = JSON.parse(file.content);
  return (config as { applications: readonly Record<string, unknown>[] }).applications[0]!;
}

test("engineArgsOf() reads vLLM's words as the arguments of its engine", () => {
  const words = "serve /m --enable-scale-out --tensor-parallel-size 4 --enforce-eager --no-async";
  const more = [
    "--host",
    "{node:0}",
    "--names",
    "a",
    "b",
    "c",
    "--utilization",
    "0.5",
    "--eplb-config",
    '{"a":[1]}',
  ];
  assert.deepEqual(engineArgsOf({ argv: ["vllm", ...words.split(" "), ...more] }), {
    tensor_parallel_size: 4,
    enforce_eager: true,
    async: false,
    host: "{node:0}",
    names: ["a", "b", "c"],
    utilization: 0.5,
    eplb_config: { a: [1] },
  });
  assert.deepEqual(engineArgsOf({ argv: ["vllm"] }), {});
});

test("rayServe() counts a data-parallel group once", async () => {
  const { import_path, args } = await appOf("--parallel.dp=4", "--parallel.tp=2");
  assert.match(String(import_path), /build_dp_openai_app$/);
  const { llm_config } = args as { llm_config: Record<string, Record<string, unknown>> };
  assert.equal(llm_config["deployment_config"]!["num_replicas"], 1);
  assert.equal(llm_config["engine_kwargs"]!["data_parallel_size"], 4);
  assert.equal(llm_config["engine_kwargs"]!["tensor_parallel_size"], 2);
});

test("rayServe() keeps prefill and decode apart, with as many engines as the Plan has", async () => {
  const { import_path, args } = await appOf(
    "--pd-disagg.prefill-gpu-ids=[0,1,2]",
    "--pd-disagg.decode-gpu-ids=[3]",
  );
  assert.match(String(import_path), /build_pd_openai_app$/);
  const { prefill_config } = args as { prefill_config: Record<string, Record<string, unknown>> };
  assert.equal(prefill_config["deployment_config"]!["num_replicas"], 3);
  assert.deepEqual(prefill_config["engine_kwargs"]!["kv_transfer_config"], {
    kv_connector: "NixlConnector",
    kv_role: "kv_producer",
    kv_load_failure_policy: "recompute",
  });
});

test("rayServe() has no application for the embedded engine", async () => {
  const plan = makePlan(await configOf("--engine=embedded"), testInventory);
  assert.equal(rayServe(plan, { host: "0.0.0.0", port: 8000 }), null);
});
