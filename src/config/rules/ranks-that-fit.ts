import type { Config } from "../schema/config.ts";
import { gpusPerNodeUsual } from "../schema/deployment.ts";

/**
 * Data-parallel ranks of an instance that uses its nodes as far as it can. The embedded engine needs no GPU: it
 * takes one rank a node unless the GPUs were counted for it.
 */
export function ranksThatFit(
  config: Config,
  { tp, nodes }: { readonly tp: number; readonly nodes: number },
): { readonly dp: number; readonly message: string } {
  const { gpus_per_node } = config.deployment;
  if (config.engine === "embedded" && gpus_per_node === null)
    return { dp: nodes, message: `set to ${nodes}, one rank a node` };
  const gpus = gpus_per_node ?? gpusPerNodeUsual;
  const dp = nodes * Math.max(1, Math.floor(gpus / tp));
  const place = nodes === 1 ? `${gpus} GPUs hold` : `${nodes} × ${gpus} GPUs hold`;
  return { dp, message: `set to ${dp}, as ${place} so many ranks of ${tp}` };
}
