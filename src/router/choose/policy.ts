/** What a policy may look at, by slot. */
export interface RankView {
  readonly count: number;
  /** 1 for ranks that take requests. */
  readonly living: Uint8Array;
  readonly livingCount: number;
  /** Requests between choice and last byte. */
  readonly inFlight: Uint32Array;
}

/**
 * Picks the slot of a living rank for a request with this session key, or -1 when none lives. Compiled once at
 * the start, called for each request: does no I/O, draws no randomness, knows no clock.
 */
export type Policy = (sessionKey: string | undefined, view: RankView) => number;

export type PolicyName = "consistent_hash" | "round_robin";
