import type { Config } from "../schema/config.ts";
import { type IsSet, mistake, remark, type RuleFinding } from "./finding.ts";

/** What is said about experts needs them to be spread. */
export function expertParallel(config: Config, isSet: IsSet): readonly RuleFinding[] {
  const { enable_expert_parallel, enable_eplb, eplb_config } = config;
  const findings: RuleFinding[] = [];
  if (enable_eplb && !enable_expert_parallel) {
    const message = "Expected false without enable_expert_parallel: there is nothing to balance";
    findings.push(mistake(message, "enable_eplb"));
  }
  if (eplb_config.num_redundant_experts > 0 && !enable_eplb) {
    const message = "Expected 0 without enable_eplb, which places copies of experts";
    findings.push(mistake(message, "eplb_config.num_redundant_experts"));
  }
  if (isSet("all2all_backend") && !enable_expert_parallel)
    findings.push(remark("has no effect without enable_expert_parallel", "all2all_backend"));
  return findings;
}
