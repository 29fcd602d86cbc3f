import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

test("expertParallel() balances only experts that are spread", async () => {
  assert.match(await reportOf("--enable-eplb"), /--enable-eplb {2}true\n +Expected false without/);
  assert.match(
    await reportOf("--enable-expert-parallel --eplb_config.num_redundant_experts 2"),
    /Expected 0 without enable_eplb/,
  );
  assert.ok(
    await load("--enable-expert-parallel --enable-eplb --eplb_config.num_redundant_experts 2"),
  );
  assert.match(
    await noticesOf("--all2all-backend pplx"),
    /has no effect without enable_expert_parallel/,
  );
});

test("expertParallel() takes every name of a backend, and suggests the one that was meant", async () => {
  const names =
    "allgather_reducescatter deepep_high_throughput deepep_low_latency flashinfer_all2allv mori naive pplx";
  for (const name of names.split(" ")) {
    const { config } = await load(`--enable-expert-parallel --all2all-backend ${name}`);
    assert.equal(config.all2all_backend, name);
  }
  assert.match(
    await reportOf("--all2all-backend deepep_low_latncy"),
    /did you mean "deepep_low_latency"/,
  );
});
