import type { Config } from "../../config/mod.ts";
import type { Inventory } from "../inventory.ts";
import { toWords } from "./flags.ts";

/** The command of our own router before the ranks at these URLs; flags as `vllm-router` has them. */
export function penstockRouterCommand(
  config: Config,
  inventory: Inventory,
  workerUrls: readonly string[],
): readonly string[] {
  return [
    ...inventory.penstockCommand,
    "router",
    ...toWords({
      "--host": config.server.host,
      "--port": config.server.port,
      "--policy": config.router.policy,
      "--worker-urls": workerUrls,
      "--log-level": config.log.level,
    }),
  ];
}
