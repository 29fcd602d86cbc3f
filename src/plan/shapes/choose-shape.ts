import type { Config } from "../../config/mod.ts";
import { type DeploymentShape, multiplyReplica } from "./deployment-shape.ts";
import { disaggregated, type RoleNodes } from "./disaggregated.ts";
import { multiNode } from "./multi-node.ts";
import { pdDisagg } from "./pd-disagg.ts";
import type { ReplicaShape } from "./replica-shape.ts";
import { singleNode } from "./single-node.ts";
import { wideEp } from "./wide-ep.ts";

/** The ranks that the configuration asks for, with their nodes and GPUs. */
export function chooseShape(config: Config, isGrouped: boolean): DeploymentShape {
  const replicaCount = config.deployment.num_replicas;
  return multiplyReplica(chooseReplica(config), { replicaCount, isGrouped });
}

function chooseReplica(config: Config): ReplicaShape {
  const { deployment, pd_disagg } = config;
  if (pd_disagg !== null) return pools(config, pd_disagg);
  switch (deployment.type) {
    case "single_node":
      return singleNode(config.parallel);
    case "multi_node":
      return severalNodes(config, deployment.num_nodes);
    default:
      return disaggregated(
        roleNodes(config, deployment, "prefill"),
        roleNodes(config, deployment, "decode"),
      );
  }
}

function pools(config: Config, pools: NonNullable<Config["pd_disagg"]>): ReplicaShape {
  const { tp } = config.parallel;
  return pdDisagg(
    { gpuIds: pools.prefill_gpu_ids, tp: pools.prefill_tp ?? tp },
    { gpuIds: pools.decode_gpu_ids, tp: pools.decode_tp ?? tp },
  );
}

/** With expert parallelism the nodes are one instance, without it each is one. */
function severalNodes(config: Config, nodeCount: number): ReplicaShape {
  const { tp, dp, dp_local } = config.parallel;
  if (!config.enable_expert_parallel) return multiNode({ nodeCount, tp, dp });
  return wideEp({ nodeCount, tp, dpLocal: dp_local ?? rankShare(dp, nodeCount) });
}

type Disaggregated = Extract<Config["deployment"], { type: "disaggregated" }>;

function roleNodes(
  config: Config,
  deployment: Disaggregated,
  role: "prefill" | "decode",
): RoleNodes {
  const nodesPerInstance = deployment[`num_${role}_nodes`];
  const tp = deployment[`${role}_tp`] ?? config.parallel.tp;
  const dp = deployment[`${role}_dp`];
  // A rule of the configuration has filled the ranks in.
  const dpLocal = rankShare(dp ?? config.parallel.dp, nodesPerInstance);
  return { instanceCount: deployment[`num_${role}_replicas`], nodesPerInstance, tp, dpLocal };
}

/** Ranks of each node: the rules of the configuration see to it that they divide. */
function rankShare(dp: number, nodeCount: number): number {
  return Math.max(1, Math.ceil(dp / nodeCount));
}
