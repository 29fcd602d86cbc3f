import type { PlanShape, ProcessRole } from "../types.ts";

/** One replica before it has a place in the deployment: its nodes count from 0, its devices are the nodes' own. */
export interface ReplicaShape {
  readonly shape: PlanShape;
  readonly nodeCount: number;
  readonly instances: readonly InstanceShape[];
}

/** One engine: a seat for each of its data-parallel ranks. */
export interface InstanceShape {
  readonly role: ProcessRole;
  readonly tp: number;
  readonly seats: readonly Seat[];
}

/** Where one rank computes. */
export interface Seat {
  readonly node: number;
  readonly gpus: readonly number[];
}

/** Seats on each node of the span, node after node, each on the next `tp` devices of its node. */
export function seatRanks(span: {
  readonly firstNode: number;
  readonly nodeCount: number;
  readonly ranksPerNode: number;
  readonly tp: number;
}): readonly Seat[] {
  return range(span.nodeCount).flatMap((node) =>
    range(span.ranksPerNode).map((rank) => ({
      node: span.firstNode + node,
      gpus: range(span.tp).map((gpu) => rank * span.tp + gpu),
    })),
  );
}

/** 0, 1, … count - 1. */
export function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
