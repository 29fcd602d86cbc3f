import type { Config } from "../schema/config.ts";
import { adjust, type RuleFinding } from "./finding.ts";

/** From here on `[slurm]` alone says where the processes start: it is there under Slurm, and only there. */
export function launch({ launch, slurm }: Config): readonly RuleFinding[] {
  const causes = ["launch"];
  if (launch === "slurm" && slurm === null)
    return [adjust("slurm", {}, { message: 'set to its defaults, as launch is "slurm"', causes })];
  if (launch === "local" && slurm !== null)
    return [adjust("slurm", null, { message: 'left out, as launch is "local"', causes })];
  return [];
}
