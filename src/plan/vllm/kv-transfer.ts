import { vllmHas, vllmReleasesOf } from "./facts.ts";
import type { JsonTable, JsonValue } from "./flag-words.ts";
import { connectorMistakes, linksOf, type KvTransferConfig } from "./kv-connectors.ts";
import { offloadConnector, type KvCacheOffloadOptions } from "./kv-offload.ts";
import { noWritten, type Written } from "./written.ts";
import type { VllmVersion } from "./version.ts";

/** How this engine hands KV blocks to others. */
export interface KvTransferOptions {
  /** `engine_id` must differ between instances and replicas; absent, vLLM draws one. */
  readonly config: KvTransferConfig;
  /** NIXL: where the engines meet. Rank r of the engine listens on port + r. */
  readonly sideChannel?: { readonly host: string; readonly port: number } | null;
  /** Mooncake: the port of this producer's bootstrap server. */
  readonly mooncakeBootstrapPort?: number | null;
  /** Mooncake store: its configuration file. */
  readonly mooncakeConfigPath?: string | null;
  /** Seconds until blocks that nobody fetched are freed. */
  readonly leaseSeconds?: number | null;
}

/** What decides the KV transfer of one command. */
export interface KvTransferInput {
  readonly transfer?: KvTransferOptions | null | undefined;
  readonly offload?: KvCacheOffloadOptions | null | undefined;
  /** First rank of this command where several commands make one engine; null when it is the only one. */
  readonly commandRank: number | null;
  readonly version: VllmVersion;
}

/** Keys that newer releases refuse. */
const addressKeys: readonly string[] = ["kv_buffer_size", "kv_rank", "kv_parallel_size", "kv_ip"];

/** The config of transfer, of offload, or of both under one MultiConnector; null for neither. */
export function kvTransferConfig(input: KvTransferInput): KvTransferConfig | null {
  const { transfer, offload, version } = input;
  const moved = transfer ? withLease(transfer, version) : null;
  const stored = offload ? offloadConnector(offload, version).value : null;
  const whole = moved === null ? stored : stored === null ? moved : chained(moved, stored);
  return whole === null ? null : uniqueEngine(whole, input.commandRank);
}

/** The value of `--kv-transfer-config`. */
export function kvTransferDocument(input: KvTransferInput): Written<JsonTable | null> {
  const { transfer, offload, version } = input;
  const config = kvTransferConfig(input);
  if (config === null) return noWritten(null);
  const document = documentOf(config, version);
  return {
    value: document.value,
    notices: document.notices,
    mistakes: [
      ...(transfer ? connectorMistakes(transfer.config, version, "kvTransfer.config") : []),
      ...(offload ? offloadConnector(offload, version).mistakes : []),
    ],
  };
}

/** One chain with transfer first: the first link that has a block delivers it, all of them store. */
function chained(transfer: KvTransferConfig, offload: KvTransferConfig): KvTransferConfig {
  // vLLM's scheduler asks the whole chain, and no link of it, what to do about blocks that do not arrive.
  const { engine_id: engineId, kv_load_failure_policy: policy, ...link } = transfer;
  const isChain = transfer.kv_connector === "MultiConnector";
  const links = isChain ? linksOf(transfer) : [link];
  const outer: KvTransferConfig = isChain
    ? transfer
    : {
        kv_connector: "MultiConnector",
        kv_role: transfer.kv_role,
        ...(engineId ? { engine_id: engineId } : {}),
        ...(policy ? { kv_load_failure_policy: policy } : {}),
      };
  return withLinks(outer, [...links, offload]);
}

function withLinks(chain: KvTransferConfig, links: readonly object[]): KvTransferConfig {
  const connectors = links as unknown as readonly JsonValue[];
  const extra = { ...chain.kv_connector_extra_config, connectors };
  return { ...chain, kv_connector_extra_config: extra };
}

/**
 * vLLM tells the ranks of one command apart by itself, but commands of one engine, in some releases, only by the
 * number of the rank on its node, which repeats on every node.
 */
function uniqueEngine(config: KvTransferConfig, commandRank: number | null): KvTransferConfig {
  if (commandRank === null) return config;
  const { engine_id: engineId } = config;
  const named = engineId ? { ...config, engine_id: `${engineId}-rank-${commandRank}` } : config;
  if (config.kv_connector !== "MultiConnector") return named;
  const links = linksOf(config).map((link) => uniqueEngine(link, commandRank));
  return withLinks(named, links);
}

function withLease(transfer: KvTransferOptions, version: VllmVersion): KvTransferConfig {
  const { config, leaseSeconds } = transfer;
  if (!leaseSeconds || !vllmHas(version, "nixlLease")) return config;
  return leased(config, leaseSeconds);
}

/** A lease that the connector's own settings name stays. */
function leased(config: KvTransferConfig, leaseSeconds: number): KvTransferConfig {
  if (config.kv_connector === "MultiConnector")
    return withLinks(
      config,
      linksOf(config).map((link) => leased(link, leaseSeconds)),
    );
  if (!config.kv_connector.startsWith("Nixl")) return config;
  const extra = { kv_lease_duration: leaseSeconds, ...config.kv_connector_extra_config };
  return { ...config, kv_connector_extra_config: extra };
}

/** The config as JSON: null keys left out, and those that this release does not take. */
function documentOf(config: KvTransferConfig, version: VllmVersion): Written<JsonTable> {
  const takesAddress = vllmHas(version, "kvTransferAddress");
  const isRefused = (key: string): boolean => !takesAddress && addressKeys.includes(key);
  const given = Object.entries(config).filter(([, value]) => value !== null && value !== undefined);
  const refused = given.map(([key]) => key).filter(isRefused);
  const kept = Object.fromEntries(given.filter(([key]) => !isRefused(key)));
  const links = config.kv_connector === "MultiConnector" ? linksOf(config) : [];
  const documents = links.map((link) => documentOf(link, version));
  const whole =
    links.length === 0
      ? kept
      : withLinks(
          kept as never,
          documents.map(({ value }) => value),
        );
  return {
    value: whole as JsonTable,
    notices: [...refused.map(refusedNotice), ...documents.flatMap(({ notices }) => notices)],
    mistakes: [],
  };
}

function refusedNotice(key: string): string {
  return `"${key}" of the KV transfer is left out: only ${vllmReleasesOf("kvTransferAddress")} takes it`;
}
