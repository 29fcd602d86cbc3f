import type { RankView } from "../choose/policy.ts";
import { rankSeed } from "../choose/rank-scores.ts";

/** Ranks 0, 1 and so on, of which these are eligible, with this load, 0 where none is given. */
export function view(eligible: readonly boolean[], inFlight: readonly number[] = []): RankView {
  return {
    count: eligible.length,
    eligible: Uint8Array.from(eligible, Number),
    inFlight: Uint32Array.from(eligible, (_, slot) => inFlight[slot] ?? 0),
    seeds: Uint32Array.from(eligible, (_, slot) => rankSeed(slot)),
  };
}

export function allEligible(count: number): RankView {
  return view(indexes(count).map(() => true));
}

/** Eligible ranks with these indexes, by slot. */
export function ranksOf(...rankIndexes: readonly number[]): RankView {
  return { ...allEligible(rankIndexes.length), seeds: Uint32Array.from(rankIndexes, rankSeed) };
}

export function indexes(count: number): readonly number[] {
  return Array.from({ length: count }, (_, slot) => slot);
}

export function countBySlot(slots: readonly number[]): number[] {
  const counts: number[] = [];
  for (const slot of slots) counts[slot] = (counts[slot] ?? 0) + 1;
  return counts;
}

/** 2,000 sessions. */
export const keys: readonly string[] = indexes(2_000).map((number) => `x-session-id:${number}`);
