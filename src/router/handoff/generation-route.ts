import { pathOf } from "../http1/path-of.ts";
import type { RequestHead } from "../http1/request-head.ts";
import type { GenerationRoute } from "./plan-hand-off.ts";

const routes: ReadonlyMap<string, GenerationRoute> = new Map([
  ["/v1/completions", "completions"],
  ["/v1/chat/completions", "chat"],
]);

/**
 * The route of a request whose prompt can be handed over; undefined for all others. Servers decode escapes before
 * they look at a path, so that `/v1/%63ompletions` is this route too.
 */
export function generationRoute({ method, target }: RequestHead): GenerationRoute | undefined {
  if (method !== "POST") return undefined;
  const path = pathOf(target);
  return routes.get(path.includes("%") ? unescapePath(path) : path);
}

function unescapePath(path: string): string {
  return path.replaceAll(/%[0-9A-Fa-f]{2}/g, (escape) =>
    String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
  );
}
