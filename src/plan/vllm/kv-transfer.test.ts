import assert from "node:assert/strict";
import { test } from "node:test";
import { kvTransferDocument, type KvTransferInput } from "./kv-transfer.ts";
import { parseVllmVersion } from "./version.ts";

const nixl = { kv_connector: "NixlConnector", kv_role: "kv_both", engine_id: "p" } as const;
const offload = { cpuBytes: 1000 };
const offloadLink = {
  kv_connector: "OffloadingConnector",
  kv_role: "kv_both",
  kv_connector_extra_config: { cpu_bytes_to_use: 1000 },
};
const write = (input: Partial<KvTransferInput>, version = "0.33.0") =>
  kvTransferDocument({ commandRank: null, version: parseVllmVersion(version)!, ...input });

test("kvTransferDocument() is null where nothing is transferred or stored", () => {
  assert.deepEqual(write({}), { value: null, notices: [], mistakes: [] });
});

test("kvTransferDocument() writes the keys that were given, and no null", () => {
  const config = { ...nixl, kv_buffer_device: null, kv_load_failure_policy: "fail" } as const;
  assert.deepEqual(write({ transfer: { config } }).value, {
    ...nixl,
    kv_load_failure_policy: "fail",
  });
});

test("kvTransferDocument() chains transfer and offload, transfer first", () => {
  const { engine_id, ...link } = nixl;
  assert.deepEqual(write({ transfer: { config: nixl }, offload }).value, {
    kv_connector: "MultiConnector",
    kv_role: "kv_both",
    engine_id,
    kv_connector_extra_config: { connectors: [link, offloadLink] },
  });
});

test("kvTransferDocument() keeps what becomes of lost blocks outside of the chain, where vLLM looks", () => {
  const config = { ...nixl, kv_load_failure_policy: "recompute" } as const;
  const { value } = write({ transfer: { config }, offload });
  const { engine_id, ...link } = nixl;
  assert.deepEqual(value, {
    kv_connector: "MultiConnector",
    kv_role: "kv_both",
    engine_id,
    kv_load_failure_policy: "recompute",
    kv_connector_extra_config: { connectors: [link, offloadLink] },
  });
});

test("kvTransferDocument() adds offload to a chain that is one already", () => {
  const config = {
    kv_connector: "MultiConnector",
    kv_role: "kv_both",
    kv_connector_extra_config: { connectors: [nixl] },
  } as const;
  const { value } = write({ transfer: { config }, offload });
  assert.deepEqual(value!["kv_connector_extra_config"], { connectors: [nixl, offloadLink] });
});

test("kvTransferDocument() makes the engine ids of one engine's commands differ, in chains too", () => {
  const chain = {
    kv_connector: "MultiConnector",
    kv_role: "kv_both",
    engine_id: "m",
    kv_connector_extra_config: { connectors: [nixl] },
  } as const;
  const { value } = write({ transfer: { config: chain }, commandRank: 4 });
  assert.deepEqual(value, {
    ...chain,
    engine_id: "m-rank-4",
    kv_connector_extra_config: { connectors: [{ ...nixl, engine_id: "p-rank-4" }] },
  });
});

test("kvTransferDocument() writes the lease where the release has it, and keeps one that is named", () => {
  const transfer = { config: nixl, leaseSeconds: 60 };
  assert.deepEqual(write({ transfer }, "0.22.0").value!["kv_connector_extra_config"], {
    kv_lease_duration: 60,
  });
  assert.equal("kv_connector_extra_config" in write({ transfer }, "0.21.0").value!, false);
  const named = { ...nixl, kv_connector_extra_config: { kv_lease_duration: 5 } };
  const { value } = write({ transfer: { config: named, leaseSeconds: 60 } });
  assert.deepEqual(value!["kv_connector_extra_config"], { kv_lease_duration: 5 });
});

test("kvTransferDocument() leaves out the keys that 0.32 refuses, and tells", () => {
  const config = { ...nixl, kv_rank: 0, kv_parallel_size: 2, kv_ip: "10.0.0.1", kv_port: 1 };
  assert.deepEqual(write({ transfer: { config } }, "0.31.0").value, config);
  const newer = write({ transfer: { config } }, "0.32.0");
  assert.deepEqual(newer.value, { ...nixl, kv_port: 1 });
  assert.deepEqual(
    newer.notices.map((notice) => notice.split(" ")[0]),
    ['"kv_rank"', '"kv_parallel_size"', '"kv_ip"'],
  );
});

test("kvTransferDocument() gathers what is wrong with transfer and offload", () => {
  const { mistakes } = write(
    {
      transfer: { config: { ...nixl, kv_connector: "NixlPushConnector" } },
      offload: { cpuBytes: 1, diskPath: "/kv" },
    },
    "0.21.0",
  );
  assert.deepEqual(
    mistakes.map(({ option }) => option),
    ["kvTransfer.config.kv_connector", "kvCacheOffload.diskPath"],
  );
});
