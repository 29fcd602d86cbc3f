import type { Config } from "../schema/config.ts";
import { adjust, type IsSet, mistake, type RuleFinding } from "./finding.ts";

/** An RL file counts the inference nodes of one replica beside the deployment that needs them. */
export function rlNodes(config: Config, isSet: IsSet): readonly RuleFinding[] {
  const { deployment, rl } = config;
  const { num_infer_nodes } = rl;
  if (num_infer_nodes === null) return [];
  const because = `as the RL file gives inference ${num_infer_nodes} nodes`;
  const causes = ["rl.num_infer_nodes"];
  const message = `set to ${num_infer_nodes}, ${because}`;
  const isOpen = !isSet("deployment.type") && !isSet("deployment.gpus_per_node");
  const isCountable = num_infer_nodes > 0 && num_infer_nodes <= 1024;
  if (isOpen && isCountable && num_infer_nodes > 1)
    return [
      adjust("deployment.type", "multi_node", {
        message: `set to "multi_node", ${because}`,
        causes,
      }),
      adjust("deployment.num_nodes", num_infer_nodes, { message, causes }),
    ];
  if (deployment.type === "multi_node" && !isSet("deployment.num_nodes") && isCountable)
    return [adjust("deployment.num_nodes", num_infer_nodes, { message, causes })];
  const needed = nodesOfReplica(deployment);
  if (needed === num_infer_nodes) return [];
  const expected = `Expected ${needed}: so many nodes one replica of deployment.type = "${deployment.type}" needs`;
  return [mistake(expected, "rl.num_infer_nodes", "deployment.type")];
}

/** Nodes that one copy of the deployment takes. */
export function nodesOfReplica(deployment: Config["deployment"]): number {
  if (deployment.type === "single_node") return 1;
  if (deployment.type === "multi_node") return deployment.num_nodes;
  const { num_prefill_nodes, num_prefill_replicas } = deployment;
  const { num_decode_nodes, num_decode_replicas } = deployment;
  return num_prefill_nodes * num_prefill_replicas + num_decode_nodes * num_decode_replicas;
}
