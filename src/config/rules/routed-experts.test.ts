import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

const offload = "--kv_cache_offload.cpu.num_bytes 1000";

test("routedExperts() excludes llm-d and KV cache offload", async () => {
  const on = "--enable-return-routed-experts";
  assert.match(await reportOf(`${on} --router.type llm-d`), /llm-d does not pass them on/);
  assert.match(await reportOf(`${on} ${offload}`), /have lost theirs/);
  const transfer = "--kv_transfer.kv_connector";
  assert.match(await reportOf(`${on} ${transfer} OffloadingConnector`), /have lost theirs/);
  const chain = '{"connectors":[{"kv_connector":"NixlConnector"},{"kv_connector":"%"}]}';
  const multi = (name: string) =>
    `${on} ${transfer} MultiConnector --kv_transfer.kv_connector_extra_config ${chain.replace("%", name)}`;
  assert.match(await reportOf(multi("OffloadingConnector")), /have lost theirs/);
  assert.ok((await load(multi("LMCacheConnectorV1"))).config.kv_transfer);
  assert.ok((await load(`--router.type llm-d ${offload}`)).config.kv_cache_offload);
});

test("routedExperts() is shown at the key that does not go with them", async () => {
  const report = await reportOf("--trainer.enable_router_replay --router.type llm-d");
  assert.match(report, /--router\.type {2}"llm-d"\n +Expected "penstock" or "vllm-router"/);
});
