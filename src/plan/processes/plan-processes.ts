import type { PortBook } from "../ports.ts";
import type { PlannedNode, PlannedProcess } from "../types.ts";
import type { ReplicaPlace } from "./network.ts";
import type { PlacedProcess } from "./place-process.ts";
import type { PlanContext } from "./plan-context.ts";
import { rankProcesses } from "./rank-processes.ts";
import { routerPart } from "./router-processes.ts";

export interface PlannedProcesses {
  readonly nodes: readonly PlannedNode[];
  readonly notices: readonly string[];
}

/** Every process of the deployment on its node, in the order in which they start there. */
export function planProcesses(
  replicas: readonly ReplicaPlace[],
  { book, nodeCount }: { readonly book: PortBook; readonly nodeCount: number },
  context: PlanContext,
): PlannedProcesses {
  const parts = replicas.flatMap((place) => [
    routerPart(place, book, context),
    rankProcesses(place, context),
  ]);
  const placed = parts.flatMap(({ processes }) => processes);
  const notices = [...new Set(parts.flatMap(({ notices }) => notices))];
  return { nodes: groupByNode(placed, nodeCount), notices };
}

function groupByNode(placed: readonly PlacedProcess[], nodeCount: number): readonly PlannedNode[] {
  const processes = Array.from({ length: nodeCount }, (): PlannedProcess[] => []);
  for (const { node, process } of placed) processes[node]!.push(process);
  return processes.map((ofNode, index) => ({ index, processes: ofNode }));
}
