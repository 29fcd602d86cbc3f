import type { Exchange } from "../http/exchange.ts";
import type { ServingSource } from "../routes.ts";

/** `GET /liveness`, prime-rl's: whether the engine's own thread still answers. */
export async function handleLiveness(exchange: Exchange, source: ServingSource): Promise<void> {
  const isAlive = source.isHealthy && (await doesEngineAnswer(source));
  const status = isAlive ? "ok" : "engine_unresponsive";
  exchange.sendJson(isAlive ? 200 : 503, { status });
}

async function doesEngineAnswer(source: ServingSource): Promise<boolean> {
  const { engine, limits } = source.serving();
  return await engine.answersWithin(limits.livenessTimeoutMs);
}
