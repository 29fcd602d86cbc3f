import { parseAbortRequest } from "../../openai-api/mod.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Serving } from "../serving.ts";

/**
 * `POST /inference/v1/abort_requests`: the answers that have these ids end with what they have. Ids that nobody
 * answers (any more) are ignored.
 */
export async function handleAbortRequests(exchange: Exchange, serving: Serving): Promise<void> {
  const ids = new Set(parseAbortRequest(await exchange.readJson()));
  for (const call of serving.calls) if (ids.has(call.options.responseId)) call.abort();
  exchange.sendText(200, "");
}
