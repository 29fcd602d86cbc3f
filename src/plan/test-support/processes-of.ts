import { makePlan } from "../make-plan.ts";
import type { PlannedProcess } from "../types.ts";
import { configOf } from "./config-of.ts";
import { testInventory } from "./inventory.ts";

/** All processes of the Plan of these words, by their ids. */
export async function processesOf(
  ...words: readonly string[]
): Promise<ReadonlyMap<string, PlannedProcess>> {
  const inventory = { ...testInventory, vllmVersion: "0.30.0", isMoe: true };
  const { nodes } = makePlan(await configOf(...words), inventory);
  const processes = nodes.flatMap((node) => node.processes);
  return new Map(processes.map((process) => [process.id, process]));
}
