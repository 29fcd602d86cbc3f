import type { Config } from "../../config/mod.ts";
import type { Plan } from "../types.ts";

/**
 * GPUs that Slurm is asked for on each node: as many as the nodes have, where the user has counted them; otherwise as
 * the highest number that is used asks for.
 */
export function gpusPerNode(
  { nodes }: Pick<Plan, "nodes">,
  { deployment }: Pick<Config, "deployment">,
): number {
  const used = nodes.flatMap(({ processes }) => processes.flatMap(({ gpus }) => gpus));
  const usedCount = used.reduce((count, gpu) => Math.max(count, gpu + 1), 0);
  return Math.max(usedCount, deployment.gpus_per_node ?? 0);
}
