import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Inventory } from "../../plan/mod.ts";
import { resolveModel } from "./resolve-model.ts";

const packageRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

/**
 * Looks at what this machine and this installation have.
 *
 * @throws PenstockError MODEL_NOT_FOUND
 */
export async function takeInventory(modelName: string): Promise<Inventory> {
  const places = {
    workingDirectory: process.cwd(),
    bundledModels: join(packageRoot, "models"),
  };
  return {
    coreCount: availableParallelism(),
    modelDirectory: await resolveModel(modelName, places),
    penstockCommand: [process.execPath, join(packageRoot, "bin", "penstock.js")],
  };
}
