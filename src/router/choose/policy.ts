import type { SessionTable } from "./session-table.ts";

/**
 * What a policy may look at, by slot. The arrays stay the same as long as the router runs; what stands in them changes
 * while ranks come, go and work.
 */
export interface RankView {
  /** Slots that may hold a rank: those from here on are empty. Grows. */
  readonly count: number;
  /** 1 for ranks that may take a new request. */
  readonly eligible: Uint8Array;
  /** Requests between choice and last byte. */
  readonly inFlight: Uint32Array;
  /** What each rank adds to the hash of a key: {@linkcode rankSeed} of its index. */
  readonly seeds: Uint32Array;
}

/** The slot of an eligible rank for a request with this session key, or -1 when there is none. */
export type Choose = (sessionKey: string | undefined, view: RankView) => number;

/**
 * How requests are placed among the ranks of one group. Compiled once, called for each request: does no I/O and
 * knows no clock and no randomness but those of its {@linkcode PolicyOptions}.
 */
export interface Policy {
  readonly choose: Choose;
  /** Forgets where a session is: it is over. False when it was nowhere, as in policies that remember none. */
  readonly finishSession: (sessionKey: string) => boolean;
  /** The rank in this slot is gone for good, and another one may come: no session is there any more. */
  readonly forgetRank: (slot: number) => void;
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
