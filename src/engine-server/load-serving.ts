import { createHash } from "node:crypto";
import { type Engine, type LoadProgress, startEngine } from "../engine/mod.ts";
import { PenstockError } from "../errors/mod.ts";
import { loadTokenizer, type Tokenizer } from "../tokenize/mod.ts";
import type { ServerLimits } from "./limits.ts";
import type { EngineServerOptions } from "./options.ts";
import { ServerMetrics } from "./server-metrics.ts";
import type { Serving } from "./serving.ts";
import { version } from "./version.ts";

/** Log lines about progress come when a stage begins and after each such share of it. */
const progressShare = 0.1;

/**
 * Loads tokenizer and engine side by side.
 *
 * @throws PenstockError of either, SERVER_STOPPED; the engine is closed then.
 */
export async function loadServing(
  options: EngineServerOptions,
  limits: ServerLimits,
): Promise<Serving> {
  const start = options.startEngine ?? startEngine;
  const onProgress = logProgress(options);
  const [tokenizer, engine] = await Promise.allSettled([
    loadTokenizer(options.engine.modelDirectory),
    start({ ...options.engine, onProgress }),
  ]);
  if (engine.status === "rejected") throw engine.reason;
  if (tokenizer.status === "rejected" || options.signal?.aborted === true) {
    await engine.value.close();
    if (tokenizer.status === "rejected") throw tokenizer.reason;
    throw new PenstockError("SERVER_STOPPED", { stage: "loaded the model" });
  }
  return assemble(options, limits, { tokenizer: tokenizer.value, engine: engine.value });
}

function assemble(
  options: EngineServerOptions,
  limits: ServerLimits,
  loaded: { readonly tokenizer: Tokenizer; readonly engine: Engine },
): Serving {
  const { servedModelNames, modelSource, rank, logger } = options;
  const { model } = loaded.engine;
  return {
    ...loaded,
    modelNames: servedModelNames,
    modelSource,
    eosTokenIds: new Set(model.eosTokenIds),
    fingerprint: fingerprintOf(options, loaded.engine),
    metrics: new ServerMetrics({ modelName: servedModelNames[0], rank, model }),
    maxNumSeqs: options.engine.maxNumSeqs,
    limits,
    logger,
    calls: new Set(),
  };
}

/** Equal for servers that give equal answers: version, model and numeric type. */
function fingerprintOf(options: EngineServerOptions, engine: Engine): string {
  const { architecture, parameterCount, dtype, maxModelLen } = engine.model;
  const facts = [options.modelSource, architecture, parameterCount, dtype, maxModelLen];
  const digest = createHash("sha256").update(facts.join("\n")).digest("hex");
  return `penstock-${version}-${digest.slice(0, 8)}`;
}

function logProgress(options: EngineServerOptions): (progress: LoadProgress) => void {
  let last: LoadProgress | null = null;
  return (progress) => {
    options.engine.onProgress?.(progress);
    const isNews =
      last === null ||
      last.stage !== progress.stage ||
      progress.done === 1 ||
      progress.done - last.done >= progressShare;
    if (!isNews) return;
    last = progress;
    const { stage, done } = progress;
    options.logger.info("Loading", { event: "progress", stage, done });
  };
}
