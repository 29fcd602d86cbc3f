import { isPenstockError } from "../../errors/mod.ts";
import { ApiError } from "../../openai-api/mod.ts";
import type { Logger } from "../../telemetry/mod.ts";
import { ClientGoneError } from "./read-body.ts";

/** Operating errors that a request can meet, and the status that tells the client whose turn it is. */
const statusOfCode: ReadonlyMap<string, number> = new Map([
  ["CHAT_NOT_RENDERED", 400],
  ["CHAT_TEMPLATE_MISSING", 400],
  ["ENGINE_PROMPT_TOO_LONG", 400],
  ["ENGINE_QUEUE_FULL", 503],
  ["ENGINE_REQUEST_INVALID", 400],
]);

/**
 * The error that a client gets for whatever a handler threw. What is not the client's fault is logged.
 *
 * @returns null when there is no client left.
 */
export function toApiError(error: unknown, logger: Logger): ApiError | null {
  if (error instanceof ClientGoneError) return null;
  if (error instanceof ApiError) return error;
  const status = isPenstockError(error) ? statusOfCode.get(error.code) : undefined;
  if (isPenstockError(error) && status !== undefined) {
    const headers: Record<string, string> = status === 503 ? { "Retry-After": "1" } : {};
    return new ApiError(status, error.message, { headers, cause: error });
  }
  const trace = error instanceof Error ? error.stack : String(error);
  logger.error("Request failed", { error: trace });
  const message = isPenstockError(error) ? error.message : "Internal server error";
  return new ApiError(500, message, { cause: error });
}
