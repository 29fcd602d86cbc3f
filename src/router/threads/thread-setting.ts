import type { RouterLimits } from "../limits.ts";
import type { RankChange } from "../ranks/rank-change.ts";
import type { SharedMemory } from "../router-core.ts";
import type { DoorOptions } from "../open-doors.ts";

/** What another thread needs to be the same router as the first one. Can be sent to it. */
export interface ThreadSetting {
  readonly options: Pick<
    DoorOptions,
    | "policy"
    | "keepsSessionChanges"
    | "sessionHeaders"
    | "apiKeys"
    | "tls"
    | "allowedOrigins"
    | "accessLog"
    | "limits"
    | "health"
  >;
  readonly host: string;
  readonly port: number;
  readonly shared: SharedMemory;
  /** Where the first thread's table was when this was made. */
  readonly changes: readonly RankChange[];
}

/** What one of several threads may have of what all may have together. */
export function limitsOfThread(limits: RouterLimits, threadCount: number): RouterLimits {
  const share = (limit: number) => Math.ceil(limit / threadCount);
  return {
    ...limits,
    connectionsMax: share(limits.connectionsMax),
    requestsInFlightMax: share(limits.requestsInFlightMax),
    queueDepthMax: share(limits.queueDepthMax),
    idempotencyKeysMax: share(limits.idempotencyKeysMax),
    idempotencyBytesMax: share(limits.idempotencyBytesMax),
    waitingRequestsMax: share(limits.waitingRequestsMax),
    heldBytesMax: share(limits.heldBytesMax),
    handOffBytesMax: share(limits.handOffBytesMax),
    idleConnectionsPerRankMax: share(limits.idleConnectionsPerRankMax),
  };
}
