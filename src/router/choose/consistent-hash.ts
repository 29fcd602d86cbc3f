import { leastInFlight } from "./least-in-flight.ts";
import { murmurHash3 } from "./murmur-hash.ts";
import type { Choose } from "./policy.ts";
import { rankScore, rankSeeds } from "./rank-scores.ts";

/**
 * Rendezvous hashing (Thaler and Ravishankar, 1998): each rank has a score for the key, and the living rank with
 * the highest one is chosen. So each session has its own order of all ranks: the sessions of a lost rank spread
 * over all others, no other session moves, and they come home when it returns. Requests without a key go where
 * the least is in flight.
 *
 * Scores depend on rank indexes, not on slots or addresses: they are the same in each process and after a restart.
 */
export function consistentHash(rankIndexes: readonly number[]): Choose {
  const seeds = rankSeeds(rankIndexes);
  const fallback = leastInFlight();
  return (sessionKey, view) => {
    if (sessionKey === undefined) return fallback(sessionKey, view);
    const key = murmurHash3(sessionKey);
    const { living } = view;
    let best = -1;
    let bestScore = -1;
    for (let slot = 0; slot < seeds.length; slot++) {
      const score = rankScore(key, seeds[slot]!);
      if (score > bestScore && living[slot] === 1) {
        best = slot;
        bestScore = score;
      }
    }
    return best;
  };
}
