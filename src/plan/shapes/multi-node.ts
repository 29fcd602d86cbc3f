import { range, type ReplicaShape, seatRanks } from "./replica-shape.ts";

/** One instance a node, each like a single node, all behind the replica's router. */
export function multiNode(options: {
  readonly nodeCount: number;
  readonly tp: number;
  /** Ranks of each instance. */
  readonly dp: number;
}): ReplicaShape {
  const { nodeCount, tp, dp } = options;
  const instances = range(nodeCount).map((firstNode) => ({
    role: "both" as const,
    tp,
    seats: seatRanks({ firstNode, nodeCount: 1, ranksPerNode: dp, tp }),
  }));
  return { shape: "multi_node", nodeCount, instances };
}
