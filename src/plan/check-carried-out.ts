import { PenstockError } from "../errors/mod.ts";
import type { Plan } from "./types.ts";

/**
 * Makes sure that a launcher starts what the Plan describes: vLLM takes a machine for each node, which only Slurm gives.
 *
 * @throws PenstockError PLAN_NOT_CARRIED_OUT
 */
export function checkCarriedOut({ launcher, engine, nodes }: Plan): void {
  const deployment = describeUnsupported({ launcher, engine, nodes });
  if (deployment !== undefined) throw new PenstockError("PLAN_NOT_CARRIED_OUT", { deployment });
}

function describeUnsupported({
  launcher,
  engine,
  nodes,
}: Pick<Plan, "launcher" | "engine" | "nodes">): string | undefined {
  if (launcher === "local" && engine === "vllm" && nodes.length > 1)
    return `vLLM on ${nodes.length} nodes without Slurm`;
  return undefined;
}
