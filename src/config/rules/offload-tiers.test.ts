import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

test("offloadTiers() wants a share of each node that mooncake takes", async () => {
  const words = (bytes: string) =>
    `--slurm --kv_cache_offload.type mooncake --kv_cache_offload.cpu.num_bytes ${bytes}`;
  assert.match(
    await reportOf(words("16_777_215")),
    /--kv_cache_offload\.cpu\.num_bytes {2}16777215\n +Expected at least 16777216/,
  );
  assert.equal((await load(words("16_777_216"))).config.kv_cache_offload?.type, "mooncake");
});

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
