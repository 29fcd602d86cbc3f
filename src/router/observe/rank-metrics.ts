import type { MetricsRegistry, Sample } from "../../telemetry/mod.ts";
import type { RankFigures } from "./rank-figures.ts";

/** Requests and errors of the ranks that this thread has asked, by index. */
export class RankCounts {
  readonly #byIndex = new Map<number, RankCount>();

  of(index: number): RankCount {
    const known = this.#byIndex.get(index);
    if (known !== undefined) return known;
    const count = { requestCount: 0, errorCount: 0 };
    this.#byIndex.set(index, count);
    return count;
  }

  /** The counts of these ranks. Those of all others are forgotten: ranks come and go for as long as the router runs. */
  keep(indexes: ReadonlySet<number>): readonly (readonly [number, RankCount])[] {
    for (const index of this.#byIndex.keys()) {
      if (!indexes.has(index)) this.#byIndex.delete(index);
    }
    return [...this.#byIndex];
  }
}

export interface RankCount {
  requestCount: number;
  errorCount: number;
}

/** Load and health as the ranks' table has them at the moment of the question, and what this thread has counted. */
export function addRankMetrics(
  registry: MetricsRegistry,
  ranks: () => readonly RankFigures[],
  counts: RankCounts,
): void {
  const gauge = (name: string, help: string, read: (rank: RankFigures, add: AddRank) => void) => {
    const options = {
      name: `penstock_router_${name}`,
      help,
      type: "gauge",
      merge: "first",
    } as const;
    registry.collected(options, () => {
      const sums = new Map<string, number>();
      for (const rank of ranks()) read(rank, addTo(sums, rank));
      return [...sums];
    });
  };
  const isIn = (state: RankFigures["state"]) => (rank: RankFigures, add: AddRank) =>
    add(Number(rank.state === state));
  gauge("rank_up", "1 for ranks that take requests", isIn("up"));
  gauge(
    "rank_quarantined",
    "1 for ranks that failed requests and are tried out",
    isIn("quarantined"),
  );
  gauge("rank_draining", "1 for ranks that take no new requests", isIn("draining"));
  gauge("requests_in_flight", "Requests between choice and last byte", (rank, add) =>
    add(rank.inFlight),
  );
  gauge("leases", "What ranks do, by kind of work", ({ prefilling, decoding, streams }, add) => {
    add(prefilling, "prefilling");
    add(decoding, "decoding");
    add(streams, "streams");
  });
  const counter = (name: string, help: string, valueOf: (count: RankCount) => number) => {
    const options = { name: `penstock_router_${name}`, help, type: "counter" } as const;
    registry.collected(options, (): readonly Sample[] =>
      counts
        .keep(new Set(ranks().map(({ index }) => index)))
        .map(([index, count]) => [`rank="${index}"`, valueOf(count)]),
    );
  };
  counter("rank_requests", "Attempts at requests by rank", ({ requestCount }) => requestCount);
  counter("rank_errors", "Attempts that the rank failed", ({ errorCount }) => errorCount);
}

type AddRank = (value: number, work?: string) => void;

/** Adds to the samples of this rank; nothing in its labels needs to be escaped. */
function addTo(sums: Map<string, number>, { index, role }: RankFigures): AddRank {
  const labels = `rank="${index}",role="${role}"`;
  return (value, work) => {
    const all = work === undefined ? labels : `${labels},work="${work}"`;
    sums.set(all, (sums.get(all) ?? 0) + value);
  };
}
