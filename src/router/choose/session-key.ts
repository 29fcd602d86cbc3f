import type { Headers } from "../http1/headers.ts";
import type { RequestHead } from "../http1/request-head.ts";
import { BodySessionKey } from "./body-session-key.ts";
import type { PolicyName } from "./policy.ts";

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

export interface SessionKeysOptions {
  readonly policy: PolicyName;
  /** Headers that name a session, best first. Without any, nothing names one. */
  readonly sessionHeaders: readonly string[];
  /** Bytes of a body that are looked at for a session. */
  readonly bodyByteCountMax: number;
}

/**
 * Where requests name their session: in a header, else in a field of their body. A policy that places each request for
 * itself asks for none.
 */
export class SessionKeys {
  readonly ofHeaders: SessionKeyReader;
  readonly #bestHeader: string | undefined;
  readonly #bodyByteCountMax: number;

  constructor({ policy, sessionHeaders, bodyByteCountMax }: SessionKeysOptions) {
    const headers = sessionPolicies.has(policy) ? sessionHeaders : [];
    this.ofHeaders = compileSessionKey(headers);
    this.#bestHeader = headers[0]?.toLowerCase();
    this.#bodyByteCountMax = bodyByteCountMax;
  }

  /**
   * Reads the key from the body of a request whose headers have none; undefined where no body can have one, as in any
   * that is no JSON or is compressed.
   */
  readerOfBody({ method, headers }: RequestHead): BodySessionKey | undefined {
    if (this.#bestHeader === undefined || method !== "POST") return undefined;
    if (!jsonPattern.test(headers.get("content-type") ?? "")) return undefined;
    if (headers.get("content-encoding") !== undefined) return undefined;
    const byteCountMax = this.#bodyByteCountMax;
    return new BodySessionKey({ byteCountMax, sessionHeader: this.#bestHeader });
  }
}

const sessionPolicies: ReadonlySet<PolicyName> = new Set([
  "consistent_hash",
  "sticky_least_loaded",
]);

const jsonPattern = /^application\/json[ \t]*(?:;|$)/i;
