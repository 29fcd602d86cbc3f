import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";

/** Slurm signals every process of a job at once: a router that waits would wait for ranks that have ended. */
export function routerDrain({ router, slurm }: Config): readonly RuleFinding[] {
  if (slurm === null || router.type !== "penstock" || router.drain_timeout === null) return [];
  const message =
    'Expected "None" with [slurm], which tells the ranks to end at the same moment as the router';
  return [mistake(message, "router.drain_timeout", "slurm")];
}
