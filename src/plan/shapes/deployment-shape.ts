import type { PlanShape, ProcessRole } from "../types.ts";
import { type InstanceShape, range, type ReplicaShape } from "./replica-shape.ts";

/** Which ranks there are, on which nodes and devices, and which belong together. */
export interface DeploymentShape {
  readonly shape: PlanShape;
  readonly nodeCount: number;
  readonly replicas: readonly Replica[];
}

/** One full copy of the service; its router runs on its first node. */
export interface Replica {
  readonly index: number;
  readonly nodeFirst: number;
  readonly nodeCount: number;
  readonly instances: readonly Instance[];
}

export interface Instance {
  readonly id: string;
  readonly replica: number;
  readonly role: ProcessRole;
  readonly tp: number;
  /** True where its ranks form one data-parallel group of vLLM; else each is an engine of its own. */
  readonly isGroup: boolean;
  /** Nodes it spans, in the order of its ranks. */
  readonly nodes: readonly number[];
  readonly ranks: readonly Rank[];
}

export interface Rank {
  readonly id: string;
  /** Data-parallel rank within its instance. */
  readonly index: number;
  readonly node: number;
  readonly gpus: readonly number[];
}

/** The replica so often, each copy on nodes of its own. */
export function multiplyReplica(
  replica: ReplicaShape,
  options: {
    readonly replicaCount: number;
    /** Whether ranks of one instance form a data-parallel group. */
    readonly isGrouped: boolean;
  },
): DeploymentShape {
  const { replicaCount, isGrouped } = options;
  const { shape, nodeCount } = replica;
  const replicas = range(replicaCount).map((index) => {
    const nodeFirst = index * nodeCount;
    const place = { replica: index, nodeFirst, isGrouped };
    const names = nameInstances(replica.instances, replicaCount > 1 ? `replica-${index}-` : "");
    const instances = replica.instances.map((instance, position) =>
      placeInstance(instance, place, names[position]!),
    );
    return { index, nodeFirst, nodeCount, instances };
  });
  return { shape, nodeCount: replicaCount * nodeCount, replicas };
}

interface InstanceNames {
  readonly id: string;
  /** What the ids of its ranks begin with: nothing where there is but one instance. */
  readonly rankPrefix: string;
}

/** "engine-0", "prefill-1": counted within the role. */
function nameInstances(
  instances: readonly InstanceShape[],
  replicaPrefix: string,
): readonly InstanceNames[] {
  const counts = new Map<ProcessRole, number>();
  return instances.map(({ role }) => {
    const index = counts.get(role) ?? 0;
    counts.set(role, index + 1);
    const id = `${replicaPrefix}${role === "both" ? "engine" : role}-${index}`;
    return { id, rankPrefix: instances.length === 1 ? replicaPrefix : `${id}-` };
  });
}

function placeInstance(
  { role, tp, seats }: InstanceShape,
  place: { readonly replica: number; readonly nodeFirst: number; readonly isGrouped: boolean },
  { id, rankPrefix }: InstanceNames,
): Instance {
  const ranks = seats.map(({ node, gpus }, index) => ({
    id: `${rankPrefix}rank-${index}`,
    index,
    node: place.nodeFirst + node,
    gpus,
  }));
  const nodes = [...new Set(ranks.map(({ node }) => node))];
  const isGroup = place.isGrouped && ranks.length > 1;
  return { id, replica: place.replica, role, tp, isGroup, nodes, ranks };
}
