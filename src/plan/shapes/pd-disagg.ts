import type { ProcessRole } from "../types.ts";
import type { InstanceShape, ReplicaShape } from "./replica-shape.ts";

/** The devices of one role on one machine. */
export interface GpuPool {
  readonly gpuIds: readonly number[];
  readonly tp: number;
}

/** Prefill and decode workers on one machine: every `tp` devices of a pool, in the order given, are one worker. */
export function pdDisagg(prefill: GpuPool, decode: GpuPool): ReplicaShape {
  return {
    shape: "pd_disagg",
    nodeCount: 1,
    instances: [...workersOf("prefill", prefill), ...workersOf("decode", decode)],
  };
}

function workersOf(role: ProcessRole, { gpuIds, tp }: GpuPool): readonly InstanceShape[] {
  const instances: InstanceShape[] = [];
  for (let first = 0; first + tp <= gpuIds.length; first += tp)
    instances.push({ role, tp, seats: [{ node: 0, gpus: gpuIds.slice(first, first + tp) }] });
  return instances;
}
