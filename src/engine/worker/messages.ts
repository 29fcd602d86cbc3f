import type {
  EngineOutput,
  EngineStats,
  LoadProgress,
  ModelSummary,
  SamplingParams,
} from "../types.ts";
import type { EngineThreadOptions } from "./check-options.ts";
import type { PackedError } from "../packed-error.ts";

/** What the engine's thread is started with. */
export interface CoreWorkerData {
  readonly options: EngineThreadOptions;
}

export interface CoreRequest {
  readonly requestId: string;
  readonly promptTokenIds: Int32Array;
  readonly samplingParams: SamplingParams;
}

/** From the main thread to the engine's thread. */
export type MessageToCore =
  | { readonly kind: "submit"; readonly request: CoreRequest }
  | { readonly kind: "abort"; readonly requestId: string }
  | { readonly kind: "close" };

/**
 * From the engine's thread to the main thread. Loading sends any number of "progress" and then one "ready" or
 * "failed"; after "ready" each step sends one "step"; "died" is the last one.
 */
export type MessageFromCore =
  | { readonly kind: "progress"; readonly progress: LoadProgress }
  | { readonly kind: "ready"; readonly model: ModelSummary }
  | { readonly kind: "failed"; readonly error: PackedError }
  | {
      readonly kind: "step";
      readonly outputs: readonly EngineOutput[];
      readonly stats: EngineStats;
    }
  | { readonly kind: "died"; readonly error: PackedError };
