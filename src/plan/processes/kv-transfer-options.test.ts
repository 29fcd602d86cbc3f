import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instance } from "../shapes/deployment-shape.ts";
import { configOf } from "../test-support/config-of.ts";
import type { ProcessRole } from "../types.ts";
import { kvTransferOptions } from "./kv-transfer-options.ts";
import type { RankPlace } from "./network.ts";

const rank = { id: "rank-1", index: 1, node: 0, gpus: [1] };
const place: RankPlace = {
  rank,
  host: "{node:0}",
  bindHost: "{node:0}",
  httpPort: 8101,
  entryPort: 8101,
  transferPort: 5601,
  eventsPort: null,
  dataParallelIndex: 1,
  ports: [],
};

async function optionsOf(role: ProcessRole, ...words: readonly string[]) {
  const instance: Instance = {
    id: `${role}-0`,
    replica: 0,
    role,
    tp: 1,
    isGroup: true,
    nodes: [0],
    ranks: [rank, rank],
  };
  return kvTransferOptions(await configOf(...words), instance, place);
}

test("kvTransferOptions() gives each role its part, and NIXL the base of the rank's port", async () => {
  const prefill = await optionsOf("prefill");
  assert.equal(prefill?.config.kv_role, "kv_producer");
  assert.deepEqual(prefill.sideChannel, { host: "{node:0}", port: 5600 });
  assert.equal((await optionsOf("decode"))?.config.kv_role, "kv_consumer");
  assert.equal(await optionsOf("both"), null);
});

test("kvTransferOptions() passes on what the configuration says of the connector", async () => {
  const options = await optionsOf(
    "both",
    "--kv-transfer.kv-connector=LMCacheConnectorV1",
    "--kv-transfer.kv-buffer-device=cpu",
    '--kv-transfer.kv-connector-extra-config={"a":1}',
    "--kv-transfer.engine-id=run",
  );
  assert.equal(options?.config.kv_connector, "LMCacheConnectorV1");
  assert.equal(options.config.kv_role, "kv_both");
  assert.equal(options.config.kv_buffer_device, "cpu");
  assert.deepEqual(options.config.kv_connector_extra_config, { a: 1 });
  assert.equal(options.config.engine_id, "run-both-0");
});

test("kvTransferOptions() makes the ids of a chain's links the instance's own", async () => {
  const extra = { connectors: [{ kv_connector: "NixlConnector", engine_id: "run" }, "wrong"] };
  const words = [
    "--kv-transfer.kv-connector=MultiConnector",
    `--kv-transfer.kv-connector-extra-config=${JSON.stringify(extra)}`,
  ];
  const linksOf = async (role: ProcessRole) =>
    (await optionsOf(role, ...words))?.config.kv_connector_extra_config?.["connectors"];
  assert.deepEqual(await linksOf("prefill"), [
    { kv_connector: "NixlConnector", engine_id: "run-prefill-0" },
    "wrong",
  ]);
  assert.notDeepEqual(await linksOf("decode"), await linksOf("prefill"));
});

test("kvTransferOptions() gives Mooncake's producer its bootstrap port", async () => {
  const options = await optionsOf("prefill", "--kv-transfer.kv-connector=MooncakeConnector");
  assert.equal(options?.mooncakeBootstrapPort, 5601);
  assert.equal(options.sideChannel, null);
});

test("kvTransferOptions() chains the shared store behind the hand-over", async () => {
  const store = [
    "--slurm.partition=p",
    "--kv-cache-offload.type=mooncake",
    "--kv-cache-offload.cpu.num-bytes=16777216",
  ];
  const policy = "--kv-transfer.kv-load-failure-policy=recompute";
  const { config } = (await optionsOf("decode", ...store, policy))!;
  const { kv_connector, kv_connector_extra_config } = config;
  assert.equal(kv_connector, "MultiConnector");
  assert.equal(config.kv_load_failure_policy, "recompute");
  const { connectors } = kv_connector_extra_config as { connectors: { kv_connector: string }[] };
  assert.deepEqual(
    connectors.map((one) => one.kv_connector),
    ["NixlConnector", "MooncakeStoreConnector"],
  );
  assert.equal((await optionsOf("both", ...store))?.config.kv_connector, "MooncakeStoreConnector");
});
