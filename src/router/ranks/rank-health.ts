/**
 * What the router believes of a rank. "starting" has not been ready since the router began to look; "up" takes
 * requests; "down" was up and is not.
 */
export interface RankHealth {
  readonly state: "starting" | "up" | "down";
  /** Why it is not up, for people. */
  readonly reason: string;
  /** Probes that failed in a row. */
  readonly failureCount: number;
}

/** A sign "isSilent" where a probe waited and nothing at all came back, no refusal either. */
export type HealthSign =
  | { readonly kind: "ready" }
  /** A probe was answered badly or not in time: the rank may only be busy. */
  | { readonly kind: "failed"; readonly reason: string; readonly isSilent?: boolean }
  /** No connection: nothing is there to take a request. */
  | { readonly kind: "unreachable"; readonly reason: string; readonly isSilent?: boolean };

export const initialHealth: RankHealth = Object.freeze({
  state: "starting",
  reason: "not reached yet",
  failureCount: 0,
});

const upHealth: RankHealth = Object.freeze({ state: "up", reason: "", failureCount: 0 });

/** The belief after a sign. One success is enough to come up; `failuresMax` failed probes in a row bring it down. */
export function nextHealth(health: RankHealth, sign: HealthSign, failuresMax: number): RankHealth {
  if (sign.kind === "ready") return upHealth;
  const failureCount = health.failureCount + 1;
  const staysUp = health.state === "up" && sign.kind === "failed" && failureCount < failuresMax;
  if (staysUp) return { ...health, failureCount };
  return {
    state: health.state === "starting" ? "starting" : "down",
    reason: sign.reason,
    failureCount,
  };
}
