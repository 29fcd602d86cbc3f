import { isTable } from "../../base/mod.ts";
import type { Config } from "../../config/mod.ts";
import type { Instance } from "../shapes/deployment-shape.ts";
import type { ProcessRole } from "../types.ts";
import type { JsonTable, JsonValue, KvTransferConfig, KvTransferOptions } from "../vllm/mod.ts";
import type { RankPlace } from "./network.ts";
import { kvConnectorOf, listeningConnectorOf } from "./transfer-ports.ts";

/** What vLLM calls the roles. */
export const kvRoles = { both: "kv_both", prefill: "kv_producer", decode: "kv_consumer" } as const;

/** How a rank hands KV blocks over and stores them outside its GPUs; null where it keeps them to itself. */
export function kvTransferOptions(
  config: Config,
  instance: Instance,
  place: RankPlace,
): KvTransferOptions | null {
  const transfer = transferConfig(config, instance, place);
  const store = config.kv_cache_offload?.type === "mooncake" ? mooncakeStoreConfig : null;
  const chain = [transfer, store].filter((one) => one !== null);
  if (chain.length === 0) return null;
  const { transferPort, dataParallelIndex, host } = place;
  const listening = listeningConnectorOf(config, instance.role);
  const isNixl = transferPort !== null && listening?.startsWith("Nixl") === true;
  return {
    config: chain.length === 1 ? chain[0]! : chained(chain),
    // vLLM adds the rank to the base port by itself.
    sideChannel: isNixl ? { host, port: transferPort - dataParallelIndex } : null,
    mooncakeBootstrapPort: listening === "MooncakeConnector" ? transferPort : null,
  };
}

/** What a rank does about blocks that do not arrive, as [kv_transfer] has it by default; vLLM's own default fails the request. */
const lossPolicy = "recompute";

/** Every engine of the deployment finds in the pool what any of them has stored. */
const mooncakeStoreConfig: KvTransferConfig = {
  kv_connector: "MooncakeStoreConnector",
  kv_role: "kv_both",
};

function transferConfig(
  config: Config,
  instance: Instance,
  place: RankPlace,
): KvTransferConfig | null {
  const { role } = instance;
  const connector = kvConnectorOf(config, role);
  if (connector === null) return null;
  const {
    kv_connector: _name,
    kv_role: _role,
    engine_id = null,
    ...given
  } = config.kv_transfer ?? {};
  const extra = config.kv_transfer?.kv_connector_extra_config;
  const owner = instance.isGroup ? instance.id : place.rank.id;
  return {
    kv_connector: connector,
    kv_role: config.kv_transfer?.kv_role ?? kvRoles[role],
    ...given,
    kv_load_failure_policy: config.kv_transfer?.kv_load_failure_policy ?? lossPolicy,
    ...(extra === undefined ? {} : { kv_connector_extra_config: withOwnIds(extra, owner) }),
    ...(connector === "P2pNcclConnector" ? p2pNccl(config, role, place) : { kv_port: null }),
    // Without a prefix vLLM draws an id, which no restart repeats.
    engine_id: engine_id === null ? null : `${engine_id}-${owner}`,
  };
}

/** The same, with the ids that links of a chain name made this engine's own: a shared one mixes up their blocks. */
function withOwnIds(extra: JsonTable, owner: string): JsonTable {
  const links = extra["connectors"];
  if (!Array.isArray(links)) return extra;
  const connectors = links.map((link: JsonValue) =>
    isTable(link) && typeof link["engine_id"] === "string"
      ? { ...link, engine_id: `${link["engine_id"]}-${owner}` }
      : link,
  );
  return { ...extra, connectors };
}

/** P2pNcclConnector knows two engines, and each by its number. */
function p2pNccl(
  config: Config,
  role: ProcessRole,
  { transferPort, httpPort }: RankPlace,
): Partial<KvTransferConfig> {
  const { kv_rank, kv_parallel_size, kv_connector_extra_config } = config.kv_transfer ?? {};
  return {
    kv_rank: kv_rank ?? (role === "decode" ? 1 : 0),
    kv_parallel_size: kv_parallel_size ?? 2,
    kv_port: transferPort,
    kv_connector_extra_config: {
      send_type: config.pd_disagg?.kv_send_type ?? "PUT_ASYNC",
      http_port: httpPort,
      ...kv_connector_extra_config,
    },
  };
}

/** One after the other: the first that has a block delivers it. */
function chained(connectors: readonly KvTransferConfig[]): KvTransferConfig {
  // vLLM's scheduler asks the whole chain, and no link of it, what to do about blocks that do not arrive.
  const { kv_role, kv_load_failure_policy = null } = connectors[0]!;
  const links = connectors.map(({ kv_load_failure_policy: _policy, ...link }) => link);
  return {
    kv_connector: "MultiConnector",
    kv_role,
    kv_load_failure_policy,
    kv_connector_extra_config: { connectors: links as unknown as readonly JsonValue[] },
  };
}
