import assert from "node:assert/strict";
import { test } from "node:test";
import { listKeys } from "../list-keys.ts";
import { load, reportOf } from "../test-support/load.ts";
import { configSchema } from "./config.ts";

test("configSchema describes every key in one sentence, with a default that the key itself takes", () => {
  const mustBeGiven = new Set(["kv_cache_offload.cpu.num_bytes", "kv_cache_offload.disk.path"]);
  const keys = listKeys();
  assert.ok(keys.length > 130);
  for (const { path, description, expected, defaultValue } of keys) {
    assert.match(description, /^[A-Za-z][^\n]*\.$/, `${path} has a sentence`);
    assert.match(description, /^[A-Z]|^vLLM/, `${path} begins with a capital`);
    assert.ok(expected.length > 0, `${path} says what it takes`);
    assert.equal(defaultValue === undefined, mustBeGiven.has(path), `${path} has a default`);
  }
});

test("configSchema names the unit of every count, size and port", () => {
  const numbers = listKeys().filter(({ expected }) => /^a (whole )?number/.test(expected));
  const without = numbers.filter(({ unit }) => unit === undefined).map(({ path }) => path);
  assert.deepEqual(without, ["seed", "max_lora_rank", "kv_transfer.kv_rank"]);
});

test("configSchema holds the facts of the documents as defaults", () => {
  const config = configSchema.parse({
    router: { type: "llm-d" },
    kv_transfer: {},
    pd_disagg: {},
    deployment: { type: "disaggregated" },
  });
  assert.deepEqual(config.router, {
    type: "llm-d",
    scorers: { "prefix-cache-scorer": 3, "active-request-scorer": 2 },
    prefill_scorer_overrides: { "queue-scorer": 2, "kv-cache-utilization-scorer": 2 },
    decode_scorer_overrides: {},
    non_cached_tokens: 16,
  });
  assert.equal(config.kv_transfer?.kv_load_failure_policy, "recompute");
  assert.equal(config.pd_disagg?.auto_ports, true);
  assert.equal(config.rl.extra_headers_from_state["X-Session-ID"], "trajectory_id");
  const { window_size, step_interval, use_async, policy } = config.eplb_config;
  assert.deepEqual([window_size, step_interval, use_async, policy], [1000, 3000, true, "default"]);
});

test("configSchema refuses values that a command line, a script or a URL could not carry", async () => {
  for (const words of [
    "--slurm.job_name= ",
    "--slurm.time=soon",
    "--server.host=a/b",
    "--env_vars.1A=x",
    "--gpu-memory-utilization=0",
    "--gpu-memory-utilization=1.01",
    "--vllm.version=latest",
    "--pd_disagg.prefill_gpu_ids=[]",
    "--pd_disagg.prefill_gpu_ids=[-1]",
    "--router.type=nginx",
    "--router.type=penstock --router.policy=cache_aware",
    "--deployment.num_nodes=2",
  ])
    assert.match(await reportOf(words), /Expected/, words);
});

test("configSchema takes Slurm's ways to write a time limit", async () => {
  for (const time of ["60", "60:00", "2:00:00", "1-12", "1-12:30", "1-12:30:00", "UNLIMITED"])
    assert.equal((await load(`--slurm.time ${time}`)).config.slurm?.time, time);
});
