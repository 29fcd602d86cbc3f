import { metricsContentType } from "../../telemetry/mod.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Serving } from "../serving.ts";
import { version } from "../version.ts";

/** `GET /version` */
export function handleVersion(exchange: Exchange): void {
  exchange.sendJson(200, { version });
}

/** `GET /load`: generation requests that are being answered. */
export function handleLoad(exchange: Exchange, serving: Serving): void {
  exchange.sendJson(200, { server_load: serving.calls.size });
}

/** `GET /metrics` */
export function handleMetrics(exchange: Exchange, serving: Serving): void {
  const text = serving.metrics.expose(serving.engine.stats());
  exchange.sendText(200, text, { "Content-Type": metricsContentType });
}
