import { isTable, nearestWord } from "../../base/mod.ts";
import { vllmHas, vllmReleasesOf, type VllmFactName } from "./facts.ts";
import type { JsonTable } from "./flag-words.ts";
import type { VllmMistake } from "./written.ts";
import type { VllmVersion } from "./version.ts";

/** KVTransferConfig of vLLM, under its own names; absent and null keys are left to vLLM. */
export interface KvTransferConfig {
  readonly kv_connector: string;
  readonly kv_role: "kv_producer" | "kv_consumer" | "kv_both";
  readonly engine_id?: string | null;
  readonly kv_buffer_device?: string | null;
  readonly kv_buffer_size?: number | null;
  readonly kv_rank?: number | null;
  readonly kv_parallel_size?: number | null;
  readonly kv_ip?: string | null;
  readonly kv_port?: number | null;
  /** Settings of the connector; those of MultiConnector hold `connectors`, a list of configs like this one. */
  readonly kv_connector_extra_config?: JsonTable | null;
  readonly kv_connector_module_path?: string | null;
  readonly enable_permute_local_kv?: boolean | null;
  readonly kv_load_failure_policy?: "fail" | "recompute" | null;
}

const roles: readonly unknown[] = ["kv_producer", "kv_consumer", "kv_both"];

/** Connectors that a release may lack. */
const gated: Readonly<Record<string, VllmFactName>> = {
  P2pNcclConnector: "p2pNccl",
  NixlPullConnector: "nixlPushPull",
  NixlPushConnector: "nixlPushPull",
  MooncakeStoreConnector: "mooncakeStore",
  HiSparseConnector: "hiSparse",
};

/** The connectors that vLLM registers itself: kv_connector/factory.py. */
export const kvConnectorNames: readonly string[] = [
  "NixlConnector",
  "LMCacheConnectorV1",
  "LMCacheMPConnector",
  "OffloadingConnector",
  "MultiConnector",
  "MooncakeConnector",
  "SimpleCPUOffloadConnector",
  "MoRIIOConnector",
  "FlexKVConnectorV1",
  "HF3FSKVConnector",
  "DecodeBenchConnector",
  "ExampleConnector",
  "ExampleHiddenStatesConnector",
  ...Object.keys(gated),
];

/** Connectors whose blocks leave the instance; MooncakeStoreConnector shares a store and is none of them. */
const betweenInstances = /^(?:Nixl\w*|MoRIIO|Mooncake|P2pNccl)Connector$/;

/** The links of a chain, or the one config; the chain itself is left out. */
export function connectorsOf(config: KvTransferConfig): readonly KvTransferConfig[] {
  if (config.kv_connector !== "MultiConnector") return [config];
  return linksOf(config).flatMap(connectorsOf);
}

/** The configs inside a MultiConnector; what is no config is left out, `connectorMistakes` tells of it. */
export function linksOf(config: KvTransferConfig): readonly KvTransferConfig[] {
  return givenLinks(config).filter(isConfig);
}

/** Whether blocks are handed from one instance to another. */
export function movesBetweenInstances(config: KvTransferConfig): boolean {
  return connectorsOf(config).some((one) => betweenInstances.test(one.kv_connector));
}

/** What this release would refuse in a config and in the links of its chain. */
export function connectorMistakes(
  config: KvTransferConfig,
  version: VllmVersion,
  option: string,
): readonly VllmMistake[] {
  const own = connectorMistake(config, version);
  const links = config.kv_connector === "MultiConnector" ? givenLinks(config) : [];
  return [
    ...(own === undefined ? [] : [{ option: `${option}.kv_connector`, message: own }]),
    ...links.flatMap((link, index) => {
      const place = `${option}.kv_connector_extra_config.connectors[${index}]`;
      if (isConfig(link)) return connectorMistakes(link, version, place);
      return [{ option: place, message: "Expected a table with kv_connector and kv_role" }];
    }),
  ];
}

function connectorMistake(config: KvTransferConfig, version: VllmVersion): string | undefined {
  const { kv_connector: name, kv_connector_module_path: modulePath } = config;
  if (modulePath) return undefined;
  if (!kvConnectorNames.includes(name)) {
    const near = nearestWord(name, kvConnectorNames);
    const question = near === undefined ? "" : `, did you mean "${near}"?`;
    return `Expected a connector of vLLM, or kv_connector_module_path for one of your own${question}`;
  }
  const fact = Object.hasOwn(gated, name) ? gated[name] : undefined;
  if (fact !== undefined && !vllmHas(version, fact))
    return `Expected a connector of this release: "${name}" needs ${vllmReleasesOf(fact)}`;
  if (name === "MultiConnector" && givenLinks(config).length === 0)
    return "Expected kv_connector_extra_config.connectors, a list with at least one connector";
  return undefined;
}

function givenLinks(config: KvTransferConfig): readonly unknown[] {
  const connectors: unknown = config.kv_connector_extra_config?.["connectors"];
  return Array.isArray(connectors) ? connectors : [];
}

function isConfig(link: unknown): link is KvTransferConfig {
  return (
    isTable(link) && typeof link["kv_connector"] === "string" && roles.includes(link["kv_role"])
  );
}
