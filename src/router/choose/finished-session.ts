import type { RequestHead } from "../http1/request-head.ts";
import { pathOf } from "../http1/path-of.ts";
import { compileSessionKey } from "./session-key.ts";

/** Gives the key of the session that a request declares finished, or undefined when it names none. */
export type FinishedSessionReader = (head: RequestHead) => string | undefined;

/** Whether this is vLLM router's `POST /finish_session`. */
export function isSessionFinish({ method, target }: RequestHead): boolean {
  return method === "POST" && pathOf(target) === "/finish_session";
}

/**
 * As in vLLM's router the session is `session_id` in the query, which means the value of the best of the session
 * headers. Without it, it is the session that the request's own headers name, as they would in any request.
 */
export function compileFinishedSession(sessionHeaders: readonly string[]): FinishedSessionReader {
  const read = compileSessionKey(sessionHeaders);
  const best = sessionHeaders[0]?.toLowerCase();
  return ({ target, headers }) => {
    const given = new URLSearchParams(target.slice(pathOf(target).length)).get("session_id");
    const isNamed = given !== null && given !== "" && best !== undefined;
    return isNamed ? `${best}:${given}` : read(headers);
  };
}
