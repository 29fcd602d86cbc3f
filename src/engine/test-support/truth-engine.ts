import type { TestContext } from "node:test";
import { readModelConfig } from "../../model-facts/mod.ts";
import { startEngine } from "../mod.ts";
import type { Engine, EngineOptions } from "../types.ts";
import type { TruthCase } from "./truth-case.ts";

export const blockSize = 16;

/** The KV cache of so many blocks. */
export async function cacheBytes(truth: TruthCase, blockCount: number): Promise<number> {
  const config = await readModelConfig(truth.directory);
  const { numHiddenLayers, numKeyValueHeads, headDim } = config;
  return blockCount * numHiddenLayers * 2 * numKeyValueHeads * blockSize * headDim * 4;
}

/** An engine with a checkpoint of the truth in it, closed at the end of the test. */
export async function startTruthEngine(
  context: TestContext,
  modelDirectory: string,
  wanted: Partial<EngineOptions> = {},
): Promise<Engine> {
  const engine = await startEngine({
    modelDirectory,
    dtype: "auto",
    maxModelLen: 112,
    maxNumSeqs: 8,
    maxNumBatchedTokens: 64,
    queueDepthMax: 64,
    blockSize,
    seed: 0,
    ...wanted,
  });
  context.after(() => engine.close());
  return engine;
}
