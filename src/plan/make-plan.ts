import { deepFreeze, urlOf } from "../base/mod.ts";
import type { Config } from "../config/mod.ts";
import { coresPerRank, servedModelNames } from "./commands/embedded-engine.ts";
import type { Inventory } from "./inventory.ts";
import { planSingleNode, rankAddresses } from "./shapes/single-node.ts";
import type { Plan } from "./types.ts";

/** Says which process runs where with which arguments. Pure: the same input gives the same Plan. */
export function makePlan(config: Config, inventory: Inventory): Plan {
  const names = servedModelNames(config);
  return deepFreeze({
    version: 1,
    model: { name: names[0]!, servedModelNames: [...names], source: inventory.modelDirectory },
    engine: "embedded",
    nodes: planSingleNode(config, inventory),
    endpoints: {
      client: [urlOf(config.server.host, config.server.port)],
      ranks: rankAddresses(config).map(({ host, port }) => urlOf(host, port)),
    },
    warnings: [...chosenEngine(config), ...oversubscription(config, inventory)],
  } satisfies Plan);
}

function chosenEngine(config: Config): readonly string[] {
  if (config.engine !== "auto") return [];
  return ['engine "auto" takes the embedded engine, which computes on the cores of this machine'];
}

function oversubscription(config: Config, inventory: Inventory): readonly string[] {
  const perRank = config.embedded.threads ?? coresPerRank(config, inventory);
  const threadCount = perRank * config.parallel.dp;
  if (threadCount <= inventory.coreCount) return [];
  const { dp } = config.parallel;
  return [
    `${dp} ${dp === 1 ? "rank" : "ranks"} with ${threadCount} compute threads in all share ${inventory.coreCount} cores and slow each other down`,
  ];
}
