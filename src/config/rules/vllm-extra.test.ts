import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

test("vllmExtra() contradicts no key of the configuration", async () => {
  assert.match(
    await reportOf("--vllm-extra.tensor-parallel-size 2"),
    /vllm-extra\.tensor-parallel-size {2}2\n +Expected none: the plan writes this argument from "parallel\.tp"/,
  );
  assert.match(await reportOf("--vllm-extra.max_num_seqs 2"), /from "max_num_seqs"/);
  assert.match(await reportOf("--vllm-extra.dtype auto"), /from "model\.dtype"/);
  assert.ok(await load("--vllm-extra.stream_interval 2"));
});

test("vllmExtra() lets roles differ, but not in what the plan writes", async () => {
  const role = "--pd_disagg.prefill_vllm_extra";
  assert.ok(await load(`${role}.max_num_seqs 2`));
  assert.match(await reportOf(`${role}.port 2`), /from "deployment\.backend_port"/);
});

test("vllmExtra() says what headless means", async () => {
  assert.match(await noticesOf("--vllm-extra.headless"), /takes the HTTP server away/);
});

test("vllmExtra() takes names that every object has", async () => {
  assert.deepEqual((await load("--vllm_extra.toString=1")).config.vllm_extra, { toString: 1 });
});
