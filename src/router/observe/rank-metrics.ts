import type { MetricsRegistry } from "../../telemetry/mod.ts";
import type { RankRole } from "../ranks/rank-table.ts";

/** What is told of one rank; all numbers are those of all threads together. */
export interface RankFigures {
  readonly index: number;
  readonly role: RankRole;
  readonly isUp: boolean;
  /** Requests between choice and last byte. */
  readonly inFlight: number;
}

/** Requests and errors of the ranks that this thread has asked. */
export class RankCounts {
  readonly #bySlot: RankCount[] = [];

  /** The counts of the rank in this slot. A slot that has another rank now begins at 0. */
  of(slot: number, index: number): RankCount {
    const count = this.#bySlot[slot];
    if (count !== undefined && count.index === index) return count;
    const begun = { index, requestCount: 0, errorCount: 0 };
    this.#bySlot[slot] = begun;
    return begun;
  }

  /** In no order. */
  values(): readonly RankCount[] {
    return this.#bySlot.filter((count) => count !== undefined);
  }
}

export interface RankCount {
  readonly index: number;
  requestCount: number;
  errorCount: number;
}

/** Load and health as the ranks' table has them at the moment of the question, and what this thread has counted. */
export function addRankMetrics(
  registry: MetricsRegistry,
  ranks: () => Iterable<RankFigures>,
  counts: RankCounts,
): void {
  const gauge = (name: string, help: string, valueOf: (rank: RankFigures) => number) => {
    const options = {
      name: `penstock_router_${name}`,
      help,
      type: "gauge",
      merge: "first",
    } as const;
    registry.collected(options, () =>
      Array.from(ranks(), (rank) => [labelsOf(rank), valueOf(rank)]),
    );
  };
  const counter = (name: string, help: string, valueOf: (count: RankCount) => number) => {
    const options = { name: `penstock_router_${name}`, help, type: "counter" } as const;
    registry.collected(options, () =>
      counts.values().map((count) => [`rank="${count.index}"`, valueOf(count)]),
    );
  };
  gauge("rank_up", "1 for ranks that take requests", ({ isUp }) => Number(isUp));
  gauge("requests_in_flight", "Requests between choice and last byte", ({ inFlight }) => inFlight);
  counter("rank_requests", "Attempts at requests by rank", ({ requestCount }) => requestCount);
  counter("rank_errors", "Attempts that the rank failed", ({ errorCount }) => errorCount);
}

/** Nothing in it needs to be escaped. */
function labelsOf({ index, role }: RankFigures): string {
  return `rank="${index}",role="${role}"`;
}
