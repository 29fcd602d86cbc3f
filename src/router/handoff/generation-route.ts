import { routePath } from "../accept/route-path.ts";
import type { RequestHead } from "../http1/request-head.ts";
import type { GenerationRoute } from "./plan-hand-off.ts";

const routes: ReadonlyMap<string, GenerationRoute> = new Map([
  ["/v1/completions", "completions"],
  ["/v1/chat/completions", "chat"],
]);

/** The route of a request whose prompt can be handed over; undefined for all others. */
export function generationRoute({ method, target }: RequestHead): GenerationRoute | undefined {
  return method === "POST" ? routes.get(routePath(target)) : undefined;
}
