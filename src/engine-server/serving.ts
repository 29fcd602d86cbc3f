import type { Engine } from "../engine/mod.ts";
import { modelNotFound } from "../openai-api/mod.ts";
import type { Logger } from "../telemetry/mod.ts";
import type { Tokenizer } from "../tokenize/mod.ts";
import type { GenerationCall } from "./generate/generation-call.ts";
import type { ServerLimits } from "./limits.ts";
import type { ServerMetrics } from "./server-metrics.ts";

/** All that handlers need of a server whose model is loaded. */
export interface Serving {
  readonly engine: Engine;
  readonly tokenizer: Tokenizer;
  /** The first one stands in responses. */
  readonly modelNames: readonly [string, ...string[]];
  readonly modelSource: string;
  readonly eosTokenIds: ReadonlySet<number>;
  /** `system_fingerprint` of responses. */
  readonly fingerprint: string;
  readonly metrics: ServerMetrics;
  /** Requests that the engine computes at once. */
  readonly maxNumSeqs: number;
  readonly limits: ServerLimits;
  readonly logger: Logger;
  /** Generation requests that are being answered. */
  readonly calls: Set<GenerationCall>;
}

/** @throws ApiError 404 for a name that is not served. null means the served model. */
export function checkModel(serving: Serving, model: string | null): void {
  if (model !== null && !serving.modelNames.includes(model)) throw modelNotFound(model);
}
