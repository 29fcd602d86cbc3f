import type { Config } from "../schema/config.ts";
import { adjust, type IsSet, mistake, type RuleFinding } from "./finding.ts";

/** A trainer that replays the routing of experts needs it in the answers. */
export function routerReplay(config: Config, isSet: IsSet): readonly RuleFinding[] {
  const key = "enable_return_routed_experts";
  if (!config.rl.enable_router_replay || config.enable_return_routed_experts) return [];
  if (isSet(key))
    return [
      mistake("Expected true: the trainer replays routed experts", key, "rl.enable_router_replay"),
    ];
  const message = "set to true, as the trainer replays routed experts";
  return [adjust(key, true, { message, causes: ["rl.enable_router_replay"] })];
}
