import type { Config } from "../schema/config.ts";
import { offloadInUse } from "./offload-in-use.ts";
import { mistake, type RuleFinding } from "./finding.ts";

/** What routed experts in answers exclude. */
export function routedExperts(config: Config): readonly RuleFinding[] {
  if (!config.enable_return_routed_experts) return [];
  const findings: RuleFinding[] = [];
  if (config.router.type === "llm-d") {
    const message =
      'Expected "penstock" or "vllm-router" with enable_return_routed_experts: llm-d does not pass them on';
    findings.push(mistake(message, "router.type"));
  }
  const offload = offloadInUse(config);
  if (offload !== undefined) {
    const message =
      "Expected no offload with enable_return_routed_experts: blocks that come back have lost theirs";
    findings.push(mistake(message, offload));
  }
  return findings;
}
