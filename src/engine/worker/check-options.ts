import { PenstockError } from "../../errors/mod.ts";
import type { EngineOptions } from "../types.ts";

/** The options that cross to the engine's thread: all but the callback, which cannot. */
export type EngineThreadOptions = Omit<EngineOptions, "onProgress">;

/** @throws PenstockError ENGINE_OPTION_INVALID */
export function checkOptions(options: EngineThreadOptions): void {
  checkAtLeast(options, "maxNumSeqs", 1);
  checkAtLeast(options, "maxNumBatchedTokens", 1);
  checkAtLeast(options, "queueDepthMax", 0);
  checkAtLeast(options, "blockSize", 1);
  checkAtLeast(options, "maxModelLen", 2);
  checkAtLeast(options, "kvCacheBytes", 1);
  checkAtLeast(options, "threadCount", 1);
  checkAtLeast(options, "coreCount", 1);
  if (options.maxNumBatchedTokens < options.maxNumSeqs)
    throw new PenstockError("ENGINE_OPTION_INVALID", {
      option: "maxNumBatchedTokens",
      value: String(options.maxNumBatchedTokens),
      wanted: `at least maxNumSeqs, which is ${options.maxNumSeqs}, so that every request can go on`,
    });
}

type NumericOption =
  | "maxNumSeqs"
  | "maxNumBatchedTokens"
  | "queueDepthMax"
  | "blockSize"
  | "maxModelLen"
  | "kvCacheBytes"
  | "threadCount"
  | "coreCount";

function checkAtLeast(options: EngineThreadOptions, option: NumericOption, min: number): void {
  const value = options[option];
  if (value === undefined || (Number.isSafeInteger(value) && value >= min)) return;
  throw new PenstockError("ENGINE_OPTION_INVALID", {
    option,
    value: String(value),
    wanted: `an integer of at least ${min}`,
  });
}
