import type { Config } from "../schema/config.ts";
import type { IsSet } from "./finding.ts";

/**
 * Data-parallel ranks of an instance that uses its nodes as far as it can. The embedded engine needs no GPU: it
 * takes one rank a node unless the GPUs were counted for it.
 */
export function ranksThatFit(
  config: Config,
  { tp, nodes, isSet }: { readonly tp: number; readonly nodes: number; readonly isSet: IsSet },
): { readonly dp: number; readonly message: string } {
  const gpus = config.deployment.gpus_per_node ?? tp;
  if (config.engine === "embedded" && !isSet("deployment.gpus_per_node"))
    return { dp: nodes, message: `set to ${nodes}, one rank a node` };
  const dp = nodes * Math.max(1, Math.floor(gpus / tp));
  const place = nodes === 1 ? `${gpus} GPUs hold` : `${nodes} × ${gpus} GPUs hold`;
  return { dp, message: `set to ${dp}, as ${place} so many ranks of ${tp}` };
}
