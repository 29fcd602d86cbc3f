import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isPenstockError } from "../../errors/mod.ts";
import type { Inventory } from "../../plan/mod.ts";
import { findBusyPorts } from "../node/listening-sockets.ts";
import { findVllmVersion } from "./find-vllm.ts";
import { type ModelPlaces, resolveModel } from "./resolve-model.ts";

const packageRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

/**
 * Looks at what this machine and this installation have; whether the model has experts is left open. The embedded
 * engine needs the model's directory; vLLM resolves other names by itself, on the nodes.
 *
 * @throws PenstockError MODEL_NOT_FOUND
 */
export async function takeInventory(
  modelName: string,
  engine: "embedded" | "vllm",
  vllmExecutable = "vllm",
): Promise<Inventory> {
  const places = {
    path: process.env["PATH"] ?? "",
    workingDirectory: process.cwd(),
    bundledModels: join(packageRoot, "models"),
  };
  return {
    coreCount: availableParallelism(),
    modelDirectory: await resolveFor(engine, modelName, places),
    penstockCommand: [process.execPath, join(packageRoot, "bin", "penstock.js")],
    workingDirectory: places.workingDirectory,
    vllmVersion: engine === "vllm" ? await findVllmVersion(vllmExecutable, places) : null,
    isMoe: null,
    busyPorts: findBusyPorts(),
  };
}

async function resolveFor(
  engine: "embedded" | "vllm",
  modelName: string,
  places: ModelPlaces,
): Promise<string> {
  try {
    return await resolveModel(modelName, places);
  } catch (error) {
    if (engine === "vllm" && isPenstockError(error) && error.code === "MODEL_NOT_FOUND")
      return modelName;
    throw error;
  }
}
