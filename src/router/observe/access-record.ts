import type { Outcome, RefusalReason } from "./outcomes.ts";

/** What is told of one request. Numbers are -1, and the rest undefined, where there is nothing to tell. */
export interface AccessRecord {
  /** As the client sent it, or the one it was given. */
  readonly requestId: string | undefined;
  readonly clientAddress: string | undefined;
  readonly method: string | undefined;
  /** Without the query. */
  readonly path: string | undefined;
  /** Never written: a hash of it is. */
  readonly sessionKey: string | undefined;
  /** Of the answer; -1 where no head of an answer was written. */
  readonly status: number;
  readonly outcome: Outcome;
  readonly refusalReason: RefusalReason | undefined;
  /** Index of the rank that had it last. */
  readonly rank: number;
  readonly prefillRank: number;
  /** Ranks asked, those for the prompt not counted. */
  readonly tries: number;
  readonly receivedByteCount: number;
  readonly sentByteCount: number;
  /** On the router's clock, as all times here. */
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  readonly queuedMs: number;
  readonly firstByteMs: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
}
