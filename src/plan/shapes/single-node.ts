import { type ReplicaShape, seatRanks } from "./replica-shape.ts";

/** Everything on one node: `dp` ranks of `tp` GPUs. */
export function singleNode({ tp, dp }: { readonly tp: number; readonly dp: number }): ReplicaShape {
  const seats = seatRanks({ firstNode: 0, nodeCount: 1, ranksPerNode: dp, tp });
  return { shape: "single_node", nodeCount: 1, instances: [{ role: "both", tp, seats }] };
}
