import { randomUUID } from "node:crypto";
import { requestIdCharsMax } from "../../openai-api/mod.ts";
import type { Exchange } from "../http/exchange.ts";

/** The id of a response: the client's own request id, from the header before the body, or a new one. */
export function responseId(
  prefix: "cmpl" | "chatcmpl" | "generate-tokens",
  exchange: Exchange,
  bodyRequestId: string | null,
): string {
  const header = exchange.header("x-request-id")?.slice(0, requestIdCharsMax);
  const base = header || bodyRequestId || randomUUID().replaceAll("-", "");
  return `${prefix}-${base}`;
}
