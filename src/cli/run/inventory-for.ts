import { isAbsolute } from "node:path";
import { readModelShape } from "../../model-facts/mod.ts";
import type { Config } from "../../config/mod.ts";
import { isPenstockError } from "../../errors/mod.ts";
import { takeInventory } from "../../launch/mod.ts";
import { chooseEngine, type Inventory, type Plan } from "../../plan/mod.ts";

/**
 * What the planner has to know of this machine and of the configured model.
 *
 * @throws PenstockError MODEL_NOT_FOUND for a model that the embedded engine cannot load, unless it may be missing,
 * as where a Plan is only shown: then its name stands for its directory.
 */
export async function inventoryFor(
  config: Config,
  { modelMayBeMissing = false }: { readonly modelMayBeMissing?: boolean } = {},
): Promise<Inventory> {
  const engine = modelMayBeMissing ? "vllm" : chooseEngine(config).engine;
  const inventory = await takeInventory(config.model.name, engine, config.vllm.executable);
  return { ...inventory, isMoe: await hasExperts(inventory.modelDirectory) };
}

/** What the user must hear of a Plan whose model is missing. */
export function missingModelNotice({ engine, model }: Plan): string | undefined {
  if (engine !== "embedded" || isAbsolute(model.source)) return undefined;
  return `model.name: there is no "${model.source}" on this machine, without which the embedded engine does not start`;
}

async function hasExperts(directory: string): Promise<boolean | null> {
  try {
    return (await readModelShape(directory)).experts !== null;
  } catch (error) {
    // A hub name, or a directory that the engine will refuse with a better reason: the plan does without.
    if (isPenstockError(error)) return null;
    throw error;
  }
}
