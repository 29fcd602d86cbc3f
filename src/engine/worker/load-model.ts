import { readGenerationConfig, readModelConfig } from "../../model-facts/mod.ts";
import { loadModelRunner } from "../model/mod.ts";
import type { LoadProgress } from "../types.ts";
import type { EngineThreadOptions } from "./check-options.ts";
import type { LoadedModel } from "./run-core-worker.ts";

/** Loads a Hugging Face directory: the small files first, so that what is wrong with them shows at once. */
export async function loadModel(
  options: EngineThreadOptions,
  onProgress: (progress: LoadProgress) => void,
): Promise<LoadedModel> {
  const {
    queueDepthMax: _queueDepthMax,
    seed: _seed,
    kvTransfer: _kvTransfer,
    ...loadOptions
  } = options;
  const generation = await readGenerationConfig(options.modelDirectory);
  const config = await readModelConfig(options.modelDirectory);
  const runner = await loadModelRunner({ ...loadOptions, onProgress });
  return {
    runner,
    eosTokenIds: generation.eosTokenIds ?? config.eosTokenIds,
    generationDefaults: generation.defaults,
  };
}
