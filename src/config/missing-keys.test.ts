import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "./test-support/load.ts";

test("reportMissing() asks for keys without a default, where their section is on", async () => {
  const files = { "a.toml": "[kv_cache_offload.cpu]\n[kv_cache_offload.disk]\npath = 'x'" };
  assert.equal(
    await reportOf("@ a.toml", files),
    "  a.toml:1:19  kv_cache_offload.cpu.num_bytes\n      Expected a whole number of at least 1, found none",
  );
  assert.equal((await load("@ a.toml --no-kv_cache_offload", files)).config.kv_cache_offload, null);
});

test("reportMissing() does not miss a key whose value was wrong", async () => {
  const report = await reportOf("--kv_cache_offload.cpu.num_bytes many");
  assert.match(report, /"many"\n +Expected a whole number/);
  assert.doesNotMatch(report, /found none/);
});
