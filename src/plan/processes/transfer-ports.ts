import type { Config } from "../../config/mod.ts";
import type { ProcessRole } from "../types.ts";
import type { PortBase } from "./network.ts";

/** Neighbouring ports that one rank needs to hand KV blocks over. */
export interface TransferPorts extends PortBase {
  readonly count: number;
}

/**
 * Default ports of the connectors that listen; vLLM adds the data-parallel index to NIXL's, the GPU to P2pNccl's, and
 * nothing to Mooncake's: each rank that has a command of its own has a bootstrap server of its own too.
 */
const bases: Readonly<Record<string, number>> = {
  NixlConnector: 5_600,
  NixlPullConnector: 5_600,
  NixlPushConnector: 5_600,
  P2pNcclConnector: 14_579,
  MooncakeConnector: 8_998,
};

/** The side channel of the embedded engine begins where NIXL's does. */
const embeddedBase = 5_600;

/** A base port less the data-parallel index must stay a port: this much room is left below it. */
export const portMin = 1_024;

/** The class that moves KV blocks for instances of the role; null where none does. */
export function kvConnectorOf(config: Config, role: ProcessRole): string | null {
  const named = config.pd_disagg?.kv_connector ?? config.kv_transfer?.kv_connector ?? null;
  return role === "both" ? named : (named ?? "NixlConnector");
}

/** The connector that listens for other instances: the one that moves blocks, or the first such one of a chain. */
export function listeningConnectorOf(config: Config, role: ProcessRole): string | null {
  return connectorsOf(config, role).find((name) => Object.hasOwn(bases, name)) ?? null;
}

/** What a rank of the role needs, in a group of `dataParallelSize` ranks; null where it does not listen for blocks. */
export function transferPorts(
  config: Config,
  role: ProcessRole,
  { tp, dataParallelSize }: { readonly tp: number; readonly dataParallelSize: number },
): TransferPorts | null {
  const connector = listeningConnectorOf(config, role);
  if (connector === null) return null;
  // Only who prefills answers the question where its blocks are.
  if (connector === "MooncakeConnector" && role === "decode") return null;
  const base = portBase(config, role, bases[connector]!);
  return {
    ...base,
    port: Math.max(base.port, portMin + dataParallelSize),
    count: connector === "P2pNcclConnector" ? tp : 1,
  };
}

/** What a rank of the embedded engine needs: the port of its side channel, where prefill and decode are apart. */
export function embeddedTransferPorts(config: Config, role: ProcessRole): TransferPorts | null {
  if (role === "both") return null;
  return { ...portBase(config, role, embeddedBase), count: 1 };
}

function portBase(config: Config, role: ProcessRole, otherwise: number): PortBase {
  const ofPool = role === "both" ? null : (config.pd_disagg?.[`${role}_kv_port`] ?? null);
  if (ofPool !== null) return { port: ofPool, flag: `--pd-disagg.${role}-kv-port`, isFixed: true };
  const named = config.kv_transfer?.kv_port ?? null;
  return { port: named ?? otherwise, flag: "--kv-transfer.kv-port", isFixed: named !== null };
}

/** The connector, or those that it chains. */
function connectorsOf(config: Config, role: ProcessRole): readonly string[] {
  const connector = kvConnectorOf(config, role);
  if (connector === null) return [];
  if (connector !== "MultiConnector") return [connector];
  const chained: unknown = config.kv_transfer?.kv_connector_extra_config["connectors"];
  if (!Array.isArray(chained)) return [];
  return chained.map((one: unknown) =>
    String((one as { kv_connector?: unknown } | null)?.kv_connector),
  );
}
