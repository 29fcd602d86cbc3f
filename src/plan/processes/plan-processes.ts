import type { PortBook } from "../ports.ts";
import type { DeploymentShape } from "../shapes/deployment-shape.ts";
import type { PlannedNode, PlannedProcess } from "../types.ts";
import type { ReplicaPlace } from "./network.ts";
import type { PlacedProcess } from "./place-process.ts";
import type { PlanContext } from "./plan-context.ts";
import { rankProcesses } from "./rank-processes.ts";
import { routerPart } from "./router-processes.ts";
import type { StorePart } from "./store-processes.ts";

export interface PlannedProcesses {
  readonly nodes: readonly PlannedNode[];
  readonly notices: readonly string[];
}

export interface DeploymentParts {
  readonly shape: DeploymentShape;
  readonly book: PortBook;
  readonly store: StorePart;
}

/** Every process of the deployment on its node, in the order in which they start there. */
export function planProcesses(
  replicas: readonly ReplicaPlace[],
  { shape, book, store }: DeploymentParts,
  context: PlanContext,
): PlannedProcesses {
  const parts = replicas.flatMap((place) => [
    routerPart(place, book, context),
    rankProcesses(place, store, context),
  ]);
  const placed = [...store.processes, ...parts.flatMap(({ processes }) => processes)];
  const { nodeCount } = shape;
  const notices = [...new Set(parts.flatMap(({ notices }) => notices))];
  return { nodes: groupByNode(placed, nodeCount), notices };
}

function groupByNode(placed: readonly PlacedProcess[], nodeCount: number): readonly PlannedNode[] {
  const processes = Array.from({ length: nodeCount }, (): PlannedProcess[] => []);
  for (const { node, process } of placed) processes[node]!.push(process);
  return processes.map((ofNode, index) => ({ index, processes: ofNode }));
}
