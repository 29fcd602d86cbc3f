import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

const apart = "--engine embedded --deployment.type disaggregated";
const lease = "--kv_transfer.kv_connector_extra_config.kv_lease_duration";

test("embeddedHandover() tells of keys of vLLM's connectors", async () => {
  const told = await noticesOf(`${apart} --kv_transfer.kv_connector NixlConnector`);
  assert.match(told, /kv_connector: has no effect with the embedded engine/);
  const pools = "--engine embedded --pd_disagg.kv_connector NixlConnector";
  assert.match(await noticesOf(pools), /pd_disagg\.kv_connector: has no effect/);
  for (const honoured of ["kv_port 7000", "kv_role kv_both", "kv_load_failure_policy fail"])
    assert.doesNotMatch(await noticesOf(`${apart} --kv_transfer.${honoured}`), /no effect/);
});

test("embeddedHandover() tells that nothing is handed over where one rank does both", async () => {
  assert.match(await noticesOf("--engine embedded --kv_transfer.kv_port 7000"), /no effect/);
  assert.doesNotMatch(await noticesOf("--engine vllm --kv_transfer.kv_port 7000"), /no effect/);
});

test("embeddedHandover() takes a lease in seconds, and nothing else beside it", async () => {
  assert.doesNotMatch(await noticesOf(`${apart} ${lease} 60`), /no effect/);
  assert.ok((await load(`${apart} ${lease} 86400`)).config.kv_transfer);
  for (const wrong of ["0", "1.5", "86401", "long"])
    assert.match(await reportOf(`${apart} ${lease} ${wrong}`), /whole number of seconds from 1/);
  const other = "--kv_transfer.kv_connector_extra_config.num_threads 2";
  assert.match(await noticesOf(`${apart} ${other}`), /num_threads: has no effect/);
});
