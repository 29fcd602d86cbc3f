import assert from "node:assert/strict";
import { test } from "node:test";
import { configOf } from "../test-support/config-of.ts";
import { kvConnectorOf, transferPorts } from "./transfer-ports.ts";

const one = { tp: 1, dataParallelSize: 1 };

async function portsOf(role: "both" | "prefill" | "decode", ...words: readonly string[]) {
  return transferPorts(await configOf(...words), role, one);
}

test("kvConnectorOf() takes NIXL between prefill and decode, and nothing elsewhere", async () => {
  const config = await configOf();
  assert.equal(kvConnectorOf(config, "prefill"), "NixlConnector");
  assert.equal(kvConnectorOf(config, "both"), null);
});

test("kvConnectorOf() takes the connector of pools, else that of all", async () => {
  const all = "--kv-transfer.kv-connector=MooncakeConnector";
  assert.equal(kvConnectorOf(await configOf("--pd-disagg", all), "prefill"), "MooncakeConnector");
  const own = "--pd-disagg.kv-connector=LMCacheConnectorV1";
  assert.equal(kvConnectorOf(await configOf(own, all), "decode"), "LMCacheConnectorV1");
  assert.equal(kvConnectorOf(await configOf("--pd-disagg"), "decode"), "NixlConnector");
});

test("transferPorts() begins where the connector does, or where the configuration says", async () => {
  const flag = "--kv-transfer.kv-port";
  const nixl = { port: 5600, flag, isFixed: false, count: 1 };
  assert.deepEqual(await portsOf("prefill"), nixl);
  const fixed = { ...nixl, port: 7000, isFixed: true };
  assert.deepEqual(await portsOf("decode", "--kv-transfer.kv-port=7000"), fixed);
  const mooncake = "--kv-transfer.kv-connector=MooncakeConnector";
  assert.deepEqual(await portsOf("prefill", mooncake), { ...nixl, port: 8998 });
  assert.equal(await portsOf("decode", mooncake), null);
});

test("transferPorts() looks into a chain of connectors", async () => {
  const chain = (connector: string) => [
    "--kv-transfer.kv-connector=MultiConnector",
    `--kv-transfer.kv-connector-extra-config={"connectors":[{"kv_connector":"OffloadingConnector"},{"kv_connector":"${connector}"}]}`,
  ];
  assert.equal((await portsOf("both", ...chain("NixlConnector")))?.port, 5600);
  assert.equal(await portsOf("both", ...chain("OffloadingConnector")), null);
});

test("transferPorts() leaves room below for the rank that vLLM adds", async () => {
  const many = { tp: 1, dataParallelSize: 5000 };
  assert.equal(transferPorts(await configOf(), "prefill", many)?.port, 6024);
});

test("transferPorts() of pools begins at the fixed ports", async () => {
  const fixed = ["proxy_port=7000", "prefill_port=7001", "decode_port=7002"];
  const words = [...fixed, "prefill_kv_port=7100", "decode_kv_port=7200", "auto_ports=false"];
  const flags = words.map((word) => `--pd-disagg.${word}`);
  const decode = await portsOf("decode", ...flags);
  assert.deepEqual([decode?.port, decode?.flag], [7200, "--pd-disagg.decode-kv-port"]);
});
