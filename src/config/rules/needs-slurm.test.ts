import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

test("needsSlurm() asks for Slurm where vLLM spans nodes", async () => {
  for (const shape of [
    "--deployment.type multi_node",
    "--deployment.type disaggregated",
    "--deployment.num_replicas 2",
  ]) {
    assert.match(await reportOf(`--engine vllm ${shape}`), /needs \[slurm\]/);
    assert.doesNotMatch(await noticesOf(`--engine vllm ${shape} --slurm`), /needs \[slurm\]/);
    assert.match(await noticesOf(shape), /engine = "embedded" runs them without it/);
    assert.doesNotMatch(await noticesOf(`--engine embedded ${shape}`), /slurm/);
  }
  assert.ok((await load("--engine vllm --pd_disagg")).config.pd_disagg);
});

test("needsSlurm() refuses nodes of vLLM that are to share this machine", async () => {
  assert.match(
    await reportOf("--engine vllm --launch local --deployment.type multi_node --slurm"),
    /--launch {2}"local"\n +Expected "slurm", or engine = "embedded": these are several nodes/,
  );
  const embedded = "--engine embedded --launch local --deployment.type multi_node --slurm";
  assert.equal((await load(embedded)).config.slurm, null);
});

test("needsSlurm() asks for Slurm where mooncake pools memory", async () => {
  const store = "--kv_cache_offload.type mooncake --kv_cache_offload.cpu.num_bytes 16_777_216";
  assert.match(await reportOf(store), /Expected "native" without \[slurm\]/);
  assert.ok((await load(`${store} --slurm`)).config.kv_cache_offload);
});
