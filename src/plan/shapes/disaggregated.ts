import type { ProcessRole } from "../types.ts";
import { type InstanceShape, range, type ReplicaShape, seatRanks } from "./replica-shape.ts";

/** The instances of one role. */
export interface RoleNodes {
  readonly instanceCount: number;
  readonly nodesPerInstance: number;
  readonly tp: number;
  readonly dpLocal: number;
}

/** Prefill instances first, then decode instances; each one spans nodes of its own. */
export function disaggregated(prefill: RoleNodes, decode: RoleNodes): ReplicaShape {
  const prefillNodes = prefill.instanceCount * prefill.nodesPerInstance;
  const decodeNodes = decode.instanceCount * decode.nodesPerInstance;
  return {
    shape: "disaggregated",
    nodeCount: prefillNodes + decodeNodes,
    instances: [...placeRole("prefill", prefill, 0), ...placeRole("decode", decode, prefillNodes)],
  };
}

function placeRole(
  role: ProcessRole,
  nodes: RoleNodes,
  nodeFirst: number,
): readonly InstanceShape[] {
  const { instanceCount, nodesPerInstance, tp, dpLocal } = nodes;
  return range(instanceCount).map((instance) => ({
    role,
    tp,
    seats: seatRanks({
      firstNode: nodeFirst + instance * nodesPerInstance,
      nodeCount: nodesPerInstance,
      ranksPerNode: dpLocal,
      tp,
    }),
  }));
}
