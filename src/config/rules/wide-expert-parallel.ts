import type { Config } from "../schema/config.ts";
import { adjust, type IsSet, type RuleFinding } from "./finding.ts";
import { ranksThatFit } from "./ranks-that-fit.ts";

/** One instance over several nodes has as many ranks as their GPUs hold, where nothing else was said. */
export function wideExpertParallel(config: Config, isSet: IsSet): readonly RuleFinding[] {
  const { deployment, parallel } = config;
  const isWide = deployment.type === "multi_node" && config.enable_expert_parallel;
  if (!isWide || isSet("parallel.dp")) return [];
  const nodes = deployment.num_nodes;
  if (parallel.dp_local !== null) {
    const dp = nodes * parallel.dp_local;
    const message = `set to ${dp}, as each of ${nodes} nodes has ${parallel.dp_local}`;
    return [adjust("parallel.dp", dp, { message, causes: ["parallel.dp_local"] })];
  }
  const { dp, message } = ranksThatFit(config, { tp: parallel.tp, nodes });
  return [adjust("parallel.dp", dp, { message, causes: ["enable_expert_parallel"] })];
}
