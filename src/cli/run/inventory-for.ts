import { isAbsolute } from "node:path";
import { readModelShape } from "../../model-facts/mod.ts";
import type { Config } from "../../config/mod.ts";
import { isPenstockError } from "../../errors/mod.ts";
import { takeInventory } from "../../launch/mod.ts";
import { chooseEngine, type Inventory, type Plan } from "../../plan/mod.ts";
import type { Screen } from "../screen/progress-view.ts";
import { hubFetcher } from "./hub-fetcher.ts";

interface InventoryWishes {
  /** As where a Plan is only shown: of a model on the hub, no more than its config.json is downloaded. */
  readonly modelMayBeMissing?: boolean;
  /** Where downloads are shown. */
  readonly screen: Screen;
}

/**
 * What the planner has to know of this machine and of the configured model, which is downloaded where the embedded
 * engine needs it and the hub alone has it.
 *
 * @throws PenstockError MODEL_NOT_FOUND for a model that the embedded engine cannot load, and what its download throws,
 * unless it may be missing: then its name stands for its directory.
 */
export async function inventoryFor(
  config: Config,
  { modelMayBeMissing = false, screen }: InventoryWishes,
): Promise<Inventory> {
  const { engine } = chooseEngine(config);
  const inventory = await takeInventory(config.model.name, modelMayBeMissing ? "vllm" : engine, {
    vllmExecutable: config.vllm.executable,
    // vLLM downloads by itself, on the nodes.
    fetchModel:
      engine === "vllm"
        ? undefined
        : hubFetcher({
            part: modelMayBeMissing ? "config" : "all",
            mayFail: modelMayBeMissing,
            screen,
          }),
  });
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
