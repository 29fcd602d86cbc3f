import type {
  EngineOutput,
  EngineRequest,
  EngineStats,
  KvSource,
  LoadProgress,
  ModelSummary,
} from "../types.ts";
import type { EngineThreadOptions } from "./check-options.ts";
import type { PackedError } from "../packed-error.ts";

/** What the engine's thread is started with. */
export interface CoreWorkerData {
  readonly options: EngineThreadOptions;
}

export interface CoreRequest extends Omit<EngineRequest, "promptTokenIds"> {
  readonly promptTokenIds: Int32Array;
}

/** From the main thread to the engine's thread. */
export type MessageToCore =
  | { readonly kind: "submit"; readonly request: CoreRequest }
  | { readonly kind: "abort"; readonly requestId: string }
  /** A request that was refused would have fetched these blocks: nobody wants them now. */
  | { readonly kind: "release-source"; readonly source: KvSource }
  /** Brings about a "step", as every message does: a sign of life. */
  | { readonly kind: "ping" }
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
