import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

test("kvConnector() knows the connectors of vLLM", async () => {
  assert.match(
    await reportOf("--kv_transfer.kv_connector NixlConector"),
    /Expected a connector of vLLM.*did you mean "NixlConnector"/,
  );
  const own = "--kv_transfer.kv_connector Mine --kv_transfer.kv_connector_module_path my.module";
  assert.equal((await load(own)).config.kv_transfer?.kv_connector, "Mine");
});

test("kvConnector() names the role that vLLM asks for, where roles are not apart", async () => {
  assert.equal((await load("--kv_transfer")).config.kv_transfer?.kv_role, "kv_both");
  assert.match(
    await noticesOf("--kv_transfer"),
    /--kv_transfer {2}kv_transfer\.kv_role: set to "kv_both"/,
  );
  const apart = await load("--kv_transfer --pd_disagg");
  assert.equal(apart.config.kv_transfer?.kv_role, null);
});

test("kvConnector() takes no role that prefill and decode would both have", async () => {
  const role = "--pd_disagg --kv_transfer.kv_role";
  assert.match(await reportOf(`${role} kv_producer`), /Expected "kv_both" or None/);
  assert.equal((await load(`${role} kv_both`)).config.kv_transfer?.kv_role, "kv_both");
  const alone = await load("--kv_transfer.kv_role kv_producer");
  assert.equal(alone.config.kv_transfer?.kv_role, "kv_producer");
});

test("kvConnector() takes no connector that offload brings along", async () => {
  const offload = "--kv_cache_offload.cpu.num_bytes 1000 --kv_transfer.kv_connector";
  assert.match(await reportOf(`${offload} OffloadingConnector`), /brings this one along/);
  assert.ok((await load(`${offload} NixlConnector`)).config.kv_transfer);
});
