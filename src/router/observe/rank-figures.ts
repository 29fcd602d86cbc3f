import type { RankStatus, RankTable } from "../ranks/rank-table.ts";

/** What is told of one rank; the counts are those of all threads together. */
export interface RankFigures extends Pick<RankStatus, "index" | "role" | "state" | "inFlight"> {
  /** Requests whose prompt it computes, those that it generates for, and open event streams. */
  readonly prefilling: number;
  readonly decoding: number;
  readonly streams: number;
}

/** All ranks as they are at this moment. A rank that drains and its successor may have the same index. */
export function rankFigures(table: RankTable): readonly RankFigures[] {
  const { prefilling, decoding, streams } = table.memory;
  return Array.from(table.slots(), (slot) => ({
    ...table.statusOf(slot),
    prefilling: prefilling[slot]!,
    decoding: decoding[slot]!,
    streams: streams[slot]!,
  }));
}
