import type { Headers } from "../http1/headers.ts";

/**
 * Headers that name a session, best first. These are vLLM router's without `x-request-id`: clients make a new one
 * for each request, and a key that changes each time scatters a session over all ranks.
 */
export const defaultSessionHeaders: readonly string[] = Object.freeze([
  "x-session-id",
  "x-user-id",
  "x-tenant-id",
  "x-correlation-id",
  "x-trace-id",
]);

/** Gives the session key of a request: the first of these headers that has a value, with its name. */
export type SessionKeyReader = (headers: Headers) => string | undefined;

export function compileSessionKey(sessionHeaders: readonly string[]): SessionKeyReader {
  const names = sessionHeaders.map((name) => name.toLowerCase());
  return (headers) => {
    for (const name of names) {
      const value = headers.get(name);
      if (value !== undefined && value !== "") return `${name}:${value}`;
    }
    return undefined;
  };
}
