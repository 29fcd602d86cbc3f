/**
 * How a request ended.
 *
 *     done           the rank's answer went to the client to its last byte, whatever its status
 *     client_gone    the client left, stalled or broke the protocol before that
 *     rank_failed    the rank failed it when it could not be given to another one any more
 *     refused        the router did not take it; see RefusalReason
 */
export type Outcome = "done" | "client_gone" | "rank_failed" | "refused";

/** Why a request or a connection was refused by the router itself. */
export const refusalReasons = [
  "bad_request",
  "body_too_large",
  "head_too_large",
  "internal_fields",
  "slow_client",
  "unauthorized",
  "admin_route",
  "connections",
  "requests_in_flight",
  "queue_full",
  "queue_timeout",
  "body_budget",
  "no_rank",
  "draining",
  "idempotency_key",
] as const;

export type RefusalReason = (typeof refusalReasons)[number];

/** Why a request was tried again. */
export const retryReasons = [
  "stale_connection",
  "connect_failed",
  "broke_off",
  "prefill_failed",
] as const;

export type RetryReason = (typeof retryReasons)[number];

/**
 * Where a request stands.
 *
 *     queue         it waits for a place in the router
 *     body          its body comes, which must be there as a whole
 *     rank          it waits for a rank, all being down
 *     prefill       a prefill rank has it
 *     first_byte    the rank that answers has it, and no byte of an answer has come
 *     answer        the answer is under way
 */
export const requestPhases = ["queue", "body", "rank", "prefill", "first_byte", "answer"] as const;

export type RequestPhase = (typeof requestPhases)[number];

/** What the status says that a connection was answered with whose input could not be taken. */
export function reasonOfStatus(status: number): RefusalReason {
  if (status === 408) return "slow_client";
  if (status === 413) return "body_too_large";
  if (status === 503) return "connections";
  return status === 431 ? "head_too_large" : "bad_request";
}
