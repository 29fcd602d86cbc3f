import type { FinishedSessionReader } from "../choose/finished-session.ts";
import type { SessionKeys } from "../choose/session-key.ts";
import type { Deadlines } from "../deadlines.ts";
import type { ByteBudget } from "../handoff/byte-budget.ts";
import type { RouterLimits } from "../limits.ts";
import type { Clock } from "../net/clock.ts";
import type { Observer } from "../observe/observer.ts";
import type { RouterMetrics } from "../observe/router-metrics.ts";
import type { HealthReports } from "../ranks/health-report.ts";
import type { RankGroup } from "../ranks/rank-group.ts";
import type { RankPool } from "../ranks/rank-pool.ts";
import type { RankTable } from "../ranks/rank-table.ts";
import type { RetryBudget } from "../ranks/retry-budget.ts";

/** What all requests of a router share. */
export interface RelayContext {
  readonly limits: RouterLimits;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly table: RankTable;
  /** By slot. */
  readonly pools: readonly RankPool[];
  readonly health: HealthReports;
  readonly retryBudget: RetryBudget;
  readonly observer: Observer;
  readonly metrics: RouterMetrics;
  /** For bodies that are kept until there is an answer. */
  readonly heldBudget: ByteBudget;
  /** The ranks that answer clients: decode ranks where prefill is apart, else all. */
  readonly servers: RankGroup;
  readonly sessionKeys: SessionKeys;
  readonly finishedSession: FinishedSessionReader;
  /** A response that broke off after the client had seen its beginning. */
  readonly onBroken: (slot: number, requestId: string, reason: string) => void;
}
