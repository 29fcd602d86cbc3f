import type { Config } from "../schema/config.ts";
import { rankPortOffset } from "../schema/server.ts";
import { mistake, type RuleFinding } from "./finding.ts";

/** Each rank of a node has a port of its own beside the router's; the last one must exist. */
export function portRange(config: Config): readonly RuleFinding[] {
  if (config.pd_disagg !== null) return [];
  const { port } = config.server;
  const { backend_port } = config.deployment;
  const rankCount = ranksOfNode(config);
  const portFirst = backend_port ?? port + rankPortOffset;
  const portLast = portFirst + rankCount - 1;
  const paths =
    backend_port === null ? ["server.port", "parallel.dp"] : ["deployment.backend_port"];
  if (portLast > 65_535) {
    const portMax = 65_535 - rankCount + 1 - (backend_port === null ? rankPortOffset : 0);
    const message = `Expected a port up to ${portMax}: rank ${rankCount - 1} would listen on port ${portLast}`;
    return [mistake(message, ...paths)];
  }
  if (port < portFirst || port > portLast) return [];
  const message = `Expected ports beside the router's ${port}: ranks would listen on ${portFirst} to ${portLast}`;
  return [mistake(message, ...paths)];
}

function ranksOfNode(config: Config): number {
  const { deployment, parallel } = config;
  if (deployment.type === "disaggregated") {
    const prefill = (deployment.prefill_dp ?? parallel.dp) / deployment.num_prefill_nodes;
    const decode = (deployment.decode_dp ?? parallel.dp) / deployment.num_decode_nodes;
    return Math.ceil(Math.max(prefill, decode));
  }
  const isShared = deployment.type === "multi_node" && config.enable_expert_parallel;
  return isShared ? Math.ceil(parallel.dp / deployment.num_nodes) : parallel.dp;
}
