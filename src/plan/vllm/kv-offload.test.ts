import assert from "node:assert/strict";
import { test } from "node:test";
import { offloadConnector, type KvCacheOffloadOptions } from "./kv-offload.ts";
import { parseVllmVersion } from "./version.ts";

const extraOf = (offload: KvCacheOffloadOptions, version: string) =>
  offloadConnector(offload, parseVllmVersion(version)!).value.kv_connector_extra_config;

test("offloadConnector() stores in CPU memory, to the byte", () => {
  assert.deepEqual(extraOf({ cpuBytes: 128_000_000_001 }, "0.20.0"), {
    cpu_bytes_to_use: 128_000_000_001,
  });
  assert.deepEqual(extraOf({ cpuBytes: 1, blockSize: 64 }, "0.33.0"), {
    cpu_bytes_to_use: 1,
    block_size: 64,
  });
});

test("offloadConnector() puts the disk behind the CPU, under the release's name", () => {
  for (const [version, type] of [
    ["0.22.0", "fs_python"],
    ["0.23.0", "fs"],
  ] as const)
    assert.deepEqual(extraOf({ cpuBytes: 1, diskPath: "/kv" }, version), {
      cpu_bytes_to_use: 1,
      spec_name: "TieringOffloadingSpec",
      secondary_tiers: [{ type, root_dir: "/kv" }],
    });
});

test("offloadConnector() refuses a disk where the release has no tiers", () => {
  const { mistakes } = offloadConnector(
    { cpuBytes: 1, diskPath: "/kv" },
    parseVllmVersion("0.21.0")!,
  );
  assert.match(mistakes[0]!.message, /from 0\.22\.0 on/);
});
