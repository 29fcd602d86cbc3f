import { PenstockError } from "../errors/mod.ts";
import type { Plan } from "./types.ts";

/**
 * Makes sure that this version starts what the Plan describes: a deployment on this machine.
 *
 * @throws PenstockError PLAN_NOT_CARRIED_OUT
 */
export function checkCarriedOut({ launcher }: Plan): void {
  if (launcher === "slurm")
    throw new PenstockError("PLAN_NOT_CARRIED_OUT", { deployment: "a deployment under Slurm" });
}
