import type { Config } from "../schema/config.ts";
import { adjust, mistake, type RuleFinding } from "./finding.ts";

/** `[pd_disagg]` is a shape of its own: workers of one rank each on one machine. */
export function pdDisaggShape(config: Config): readonly RuleFinding[] {
  if (config.pd_disagg === null) return [];
  const findings: RuleFinding[] = [];
  if (config.deployment.type !== "single_node") {
    const message =
      'Expected "single_node" beside [pd_disagg], which splits the GPUs of one machine';
    findings.push(mistake(message, "deployment.type", "pd_disagg"));
  }
  if (config.parallel.dp !== 1) {
    const message = "set to 1, as the workers of [pd_disagg] are one rank each";
    findings.push(adjust("parallel.dp", 1, { message, causes: ["pd_disagg"] }));
  }
  if (config.rl.elastic) {
    const message = "Expected none beside [pd_disagg], whose addresses clients have to know";
    findings.push(mistake(message, "rl.elastic", "pd_disagg"));
  }
  return findings;
}
