import { isTable } from "../../base/mod.ts";
import type { Config } from "../schema/config.ts";

const offloading = ["OffloadingConnector", "SimpleCPUOffloadConnector"];

/** The key that moves KV blocks to the memory of the CPU: the section for it, or a connector that does so by itself. */
export function offloadInUse(
  config: Config,
): "kv_cache_offload" | "kv_transfer.kv_connector" | undefined {
  if (config.kv_cache_offload !== null) return "kv_cache_offload";
  return connectors(config).some((name) => offloading.includes(name))
    ? "kv_transfer.kv_connector"
    : undefined;
}

/** The connector of [kv_transfer], or those that MultiConnector chains. */
function connectors({ kv_transfer }: Config): readonly string[] {
  if (kv_transfer === null) return [];
  const { kv_connector, kv_connector_extra_config } = kv_transfer;
  const chain: unknown = kv_connector_extra_config["connectors"];
  if (kv_connector !== "MultiConnector" || !Array.isArray(chain)) return [kv_connector];
  return chain.flatMap((link: unknown) => {
    const name = isTable(link) ? link["kv_connector"] : undefined;
    return typeof name === "string" ? [name] : [];
  });
}
