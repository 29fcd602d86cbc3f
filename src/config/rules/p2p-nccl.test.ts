import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

const pair = "--pd_disagg.kv_connector P2pNcclConnector";

test("p2pNccl() is gone since vLLM 0.24", async () => {
  assert.match(await noticesOf(pair), /vLLM dropped P2pNcclConnector in 0\.24/);
  assert.equal(await noticesOf(`${pair} --vllm.version 0.23.0`), "");
  for (const version of ["0.24", "0.24.0", "0.30.1", "1.0"])
    assert.match(await reportOf(`${pair} --vllm.version ${version}`), /Expected another connector/);
});

test("p2pNccl() joins two instances on one node", async () => {
  const old = "--vllm.version 0.22.1";
  const three = `${pair} ${old} --pd_disagg.prefill_gpu_ids 0 2`;
  assert.match(await reportOf(three), /one prefill and one decode worker only/);
  assert.ok((await load(`${three} --pd_disagg.prefill_tp 2`)).config.pd_disagg);
  const transfer = `${old} --kv_transfer.kv_connector P2pNcclConnector`;
  assert.match(await reportOf(`${transfer} --deployment.type disaggregated`), /of one node only/);
  assert.match(await reportOf(`${transfer} --kv_transfer.kv_parallel_size 3`), /Expected 2 with/);
});

test("p2pNccl() asks of a deployment to be one of two instances", async () => {
  const transfer = "--vllm.version 0.22.1 --kv_transfer.kv_connector P2pNcclConnector";
  const { config } = await load(`${transfer} --kv_transfer.kv_rank 1`);
  assert.equal(config.kv_transfer?.kv_parallel_size, 2);
  assert.match(await noticesOf(transfer), /kv_parallel_size: set to 2/);
  assert.match(await reportOf(`${transfer} --kv_transfer.kv_rank 2`), /Expected 0, which prefills/);
  assert.match(await reportOf(`${transfer} --parallel.dp 2`), /each rank is an instance/);
  assert.match(
    await reportOf(`${transfer} --deployment.type multi_node --slurm`),
    /of one node only/,
  );
});

test("p2pNccl() does not concern the embedded engine", async () => {
  const told = await noticesOf(`${pair} --engine embedded --pd_disagg.decode_gpu_ids 1 2 3`);
  assert.doesNotMatch(told, /P2pNccl/);
});
