import assert from "node:assert/strict";
import { test } from "node:test";
import { reportOf } from "../test-support/load.ts";

test("offloadTiers() wants the memory of the CPU before the disk", async () => {
  assert.match(
    await reportOf("--kv_cache_offload.disk.path /x"),
    /disk is a tier behind the memory/,
  );
  assert.match(
    await reportOf("--kv_cache_offload"),
    /Expected \[kv_cache_offload\.cpu\] with num_bytes, found none/,
  );
  assert.match(
    await reportOf("--kv_cache_offload.cpu"),
    /Expected a whole number of at least 1, found none/,
  );
});
