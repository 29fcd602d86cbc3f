import type { RankView } from "../choose/policy.ts";

/** Ranks of which these live, with this load, 0 where none is given. */
export function view(living: readonly boolean[], inFlight: readonly number[] = []): RankView {
  return {
    count: living.length,
    living: Uint8Array.from(living, Number),
    inFlight: Uint32Array.from(living, (_, slot) => inFlight[slot] ?? 0),
  };
}

export function allLiving(count: number): RankView {
  return view(indexes(count).map(() => true));
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
