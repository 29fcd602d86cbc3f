import { PenstockError } from "../errors/mod.ts";
import type { Plan } from "./types.ts";

/**
 * Makes sure that this version starts what the Plan describes: the embedded engine on one node of this machine.
 *
 * @throws PenstockError PLAN_NOT_CARRIED_OUT
 */
export function checkCarriedOut(plan: Plan): void {
  const deployment = describeUnsupported(plan);
  if (deployment !== undefined) throw new PenstockError("PLAN_NOT_CARRIED_OUT", { deployment });
}

/** Whether `checkCarriedOut` lets it pass. */
export function isCarriedOut(plan: Plan): boolean {
  return describeUnsupported(plan) === undefined;
}

function describeUnsupported({ launcher, engine, nodes, instances }: Plan): string | undefined {
  if (launcher === "slurm") return "a deployment under Slurm";
  if (engine === "vllm") return "vLLM";
  if (nodes.length > 1) return `a deployment of ${nodes.length} nodes`;
  if (instances.some(({ role }) => role !== "both")) return "prefill and decode apart";
  const needy = nodes
    .flatMap(({ processes }) => processes)
    .find(({ files, directories }) => files.length > 0 || directories.length > 0);
  return needy === undefined ? undefined : `"${needy.id}" with files of its own`;
}
