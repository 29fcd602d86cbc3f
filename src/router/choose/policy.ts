import type { SessionTable } from "./session-table.ts";

/** What a policy may look at, by slot. */
export interface RankView {
  readonly count: number;
  /** 1 for ranks that take requests. */
  readonly living: Uint8Array;
  /** Requests between choice and last byte. */
  readonly inFlight: Uint32Array;
}

/** The slot of a living rank for a request with this session key, or -1 when none lives. */
export type Choose = (sessionKey: string | undefined, view: RankView) => number;

/**
 * How requests are placed. Compiled once for the ranks of one role, called for each request: does no I/O and knows
 * no clock and no randomness but those of its {@linkcode PolicyOptions}.
 */
export interface Policy {
  readonly choose: Choose;
  /** Forgets where a session is: it is over. False when it was nowhere, as in policies that remember none. */
  readonly finishSession: (sessionKey: string) => boolean;
  /** How many sessions are remembered. */
  readonly countSessions: () => number;
  /** Where sessions are, in policies that remember it. */
  readonly sessions?: SessionTable | undefined;
}

export const policyNames = [
  "consistent_hash",
  "round_robin",
  "power_of_two",
  "sticky_least_loaded",
] as const;

export type PolicyName = (typeof policyNames)[number];

export interface PolicyOptions {
  readonly name: PolicyName;
  /** Draws 32 unsigned bits. */
  readonly random: () => number;
  /** Milliseconds since whenever. */
  readonly clock: () => number;
  /** Sessions that are remembered; one more takes the place of the one that was not used for longest. */
  readonly sessionsMax: number;
  /** After the last request of a session, until it is forgotten. */
  readonly sessionIdleMsMax: number;
  /** Changes of sessions that are kept for who saves them, a power of two. Default 0: none. */
  readonly sessionChangesMax?: number | undefined;
  /** The sessions of the same policy in another thread: the two share them. */
  readonly sessionMemory?: SharedArrayBuffer | undefined;
}
