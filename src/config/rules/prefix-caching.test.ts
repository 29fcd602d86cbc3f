import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

const offload = "--kv_cache_offload.cpu.num_bytes 1_000";

test("prefixCaching() is switched on by offload, and must not be off", async () => {
  assert.equal((await load(offload)).config.enable_prefix_caching, true);
  assert.match(await noticesOf(offload), /enable_prefix_caching: set to true/);
  assert.equal(await noticesOf(`${offload} --enable-prefix-caching`), "");
  assert.match(
    await reportOf(`${offload} --no-enable-prefix-caching`),
    /--no-enable-prefix-caching {2}false\n +Expected true/,
  );
  const connector = "--kv_transfer.kv_connector OffloadingConnector";
  assert.match(
    await noticesOf(connector),
    /enable_prefix_caching: set to true, as kv_transfer finds/,
  );
  assert.match(
    await reportOf(`${connector} --no-enable-prefix-caching`),
    /Expected true: kv_transfer/,
  );
  assert.equal((await load("--no-enable-prefix-caching")).config.enable_prefix_caching, false);
});
