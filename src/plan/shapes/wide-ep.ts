import { type ReplicaShape, seatRanks } from "./replica-shape.ts";

/** One instance over all nodes, so that its experts are spread over every GPU: the same number of ranks on each node. */
export function wideEp(options: {
  readonly nodeCount: number;
  readonly tp: number;
  /** Ranks of each node: what vLLM calls `data_parallel_size_local`. */
  readonly dpLocal: number;
}): ReplicaShape {
  const { nodeCount, tp, dpLocal } = options;
  const seats = seatRanks({ firstNode: 0, nodeCount, ranksPerNode: dpLocal, tp });
  return { shape: "wide_ep", nodeCount, instances: [{ role: "both", tp, seats }] };
}
