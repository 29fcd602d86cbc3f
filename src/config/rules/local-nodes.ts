import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";
import { nodesOfReplica } from "./rl-nodes.ts";

/** Addresses from 127.0.0.1 to 127.0.254.254, one for each node of this machine. */
const localNodesMax = 254 * 255;

/** Each node of this machine has a loopback address of its own. */
export function localNodes({ slurm, deployment }: Config): readonly RuleFinding[] {
  const nodeCount = nodesOfReplica(deployment) * deployment.num_replicas;
  if (slurm !== null || nodeCount <= localNodesMax) return [];
  const message = `Expected at most ${localNodesMax} nodes in all without [slurm]: this machine has no addresses for ${nodeCount}`;
  return [mistake(message, "deployment.num_replicas", "deployment.num_nodes", "deployment.type")];
}
