import { urlOf } from "../../base/mod.ts";
import type { Config } from "../../config/mod.ts";
import { embeddedEngineCommand, type RankAddress } from "../commands/embedded-engine.ts";
import { penstockRouterCommand } from "../commands/penstock-router.ts";
import type { Inventory } from "../inventory.ts";
import type { PlannedNode, PlannedProcess } from "../types.ts";

/** Ranks are reached through the router only, so they listen on the loopback interface. */
const rankHost = "127.0.0.1";
const rankPortOffset = 100;
const startTimeoutMs = 600_000;

/** Everything on one machine: a router and, behind it, `parallel.dp` ranks. */
export function planSingleNode(config: Config, inventory: Inventory): readonly PlannedNode[] {
  const addresses = rankAddresses(config);
  const router = planRouter(config, inventory, addresses);
  const ranks = addresses.map((address) => planRank(config, inventory, address));
  return [{ index: 0, processes: [router, ...ranks] }];
}

/** Ports count up from the router's, with a gap that leaves room for its neighbours. */
export function rankAddresses(config: Config): readonly RankAddress[] {
  return Array.from({ length: config.parallel.dp }, (_, rank) => ({
    rank,
    host: rankHost,
    port: config.server.port + rankPortOffset + rank,
  }));
}

function planRouter(
  config: Config,
  inventory: Inventory,
  addresses: readonly RankAddress[],
): PlannedProcess {
  const { host, port } = config.server;
  const workerUrls = addresses.map((address) => urlOf(address.host, address.port));
  return {
    ...plainProcess,
    id: "router-0",
    kind: "router",
    argv: penstockRouterCommand(config, inventory, workerUrls),
    ports: [{ purpose: "http", host, port, flag: "--server.port" }],
    ready: { kind: "http", url: `${urlOf(host, port)}/health`, timeoutMs: startTimeoutMs },
    after: [],
  };
}

function planRank(config: Config, inventory: Inventory, address: RankAddress): PlannedProcess {
  const { host, port } = address;
  return {
    ...plainProcess,
    id: `rank-${address.rank}`,
    kind: "engine",
    argv: embeddedEngineCommand(config, inventory, address),
    ports: [{ purpose: "http", host, port, flag: "--server.port" }],
    ready: { kind: "http", url: `${urlOf(host, port)}/health`, timeoutMs: startTimeoutMs },
    after: ["router-0"],
  };
}

const plainProcess = { role: "both", env: {}, files: [], gpus: [] } as const;
