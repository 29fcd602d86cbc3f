import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isPenstockError } from "../../errors/mod.ts";
import type { Inventory } from "../../plan/mod.ts";
import { findBusyPorts } from "../node/listening-sockets.ts";
import { findVllmVersion } from "./find-vllm.ts";
import { type FetchModel, resolveModel } from "./resolve-model.ts";

const packageRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

export interface InventoryOptions {
  readonly vllmExecutable?: string;
  /** Gets a model that is not on this machine. */
  readonly fetchModel?: FetchModel | undefined;
}

/**
 * Looks at what this machine and this installation have; whether the model has experts is left open. The embedded
 * engine needs the model's directory; vLLM resolves other names by itself, on the nodes.
 *
 * @throws PenstockError MODEL_NOT_FOUND, and what fetching throws
 */
export async function takeInventory(
  modelName: string,
  engine: "embedded" | "vllm",
  { vllmExecutable = "vllm", fetchModel }: InventoryOptions = {},
): Promise<Inventory> {
  const places = { path: process.env["PATH"] ?? "", workingDirectory: process.cwd() };
  return {
    coreCount: availableParallelism(),
    modelDirectory: await resolveFor(engine, modelName, fetchModel),
    penstockCommand: [process.execPath, join(packageRoot, "bin", "penstock.js")],
    workingDirectory: places.workingDirectory,
    vllmVersion: engine === "vllm" ? await findVllmVersion(vllmExecutable, places) : null,
    isMoe: null,
    busyPorts: findBusyPorts(),
  };
}

/**
 * The directory of a model that is on this machine, comes along with Penstock, or is fetched.
 *
 * @throws PenstockError MODEL_NOT_FOUND, and what fetching throws
 */
export async function findModel(modelName: string, fetchModel?: FetchModel): Promise<string> {
  const bundledModels = join(packageRoot, "models");
  return await resolveModel(modelName, {
    workingDirectory: process.cwd(),
    bundledModels,
    fetchModel,
  });
}

async function resolveFor(
  engine: "embedded" | "vllm",
  modelName: string,
  fetchModel: FetchModel | undefined,
): Promise<string> {
  try {
    return await findModel(modelName, fetchModel);
  } catch (error) {
    if (engine === "vllm" && isPenstockError(error) && error.code === "MODEL_NOT_FOUND")
      return modelName;
    throw error;
  }
}
