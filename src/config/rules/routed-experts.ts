import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";

/** What routed experts in answers exclude. */
export function routedExperts(config: Config): readonly RuleFinding[] {
  if (!config.enable_return_routed_experts) return [];
  const key = "enable_return_routed_experts";
  const findings: RuleFinding[] = [];
  if (config.router.type === "llm-d") {
    const message = "Expected false: llm-d does not pass routed experts on, other routers do";
    findings.push(mistake(message, key, "router.type", "rl.enable_router_replay"));
  }
  if (config.kv_cache_offload !== null) {
    const message =
      "Expected false: blocks that come back from kv_cache_offload have no routed experts";
    findings.push(mistake(message, key, "kv_cache_offload"));
  }
  return findings;
}
