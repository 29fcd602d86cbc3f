import { leastInFlight } from "./least-in-flight.ts";
import { murmurHash3 } from "./murmur-hash.ts";
import type { Choose } from "./policy.ts";
import { rankScore } from "./rank-scores.ts";

/**
 * Rendezvous hashing (Thaler and Ravishankar, 1998): each rank has a score for the key, and the eligible rank with
 * the highest one is chosen. So each session has its own order of all ranks: the sessions of a lost rank spread
 * over all others, no other session moves, and they come home when it returns. Requests without a key go where
 * the least is in flight.
 *
 * Scores depend on rank indexes, not on slots or addresses: they are the same in each process and after a restart.
 */
export function consistentHash(): Choose {
  const fallback = leastInFlight();
  return (sessionKey, view) => {
    if (sessionKey === undefined) return fallback(sessionKey, view);
    const { count, eligible, seeds } = view;
    const key = murmurHash3(sessionKey);
    let best = -1;
    let bestScore = -(2 ** 31);
    for (let slot = 0; slot < count; slot++) {
      const score = rankScore(key, seeds[slot]!);
      // Few scores beat the best so far, so that who is eligible is hardly ever read.
      if (score >= bestScore && eligible[slot] === 1) {
        best = slot;
        bestScore = score;
      }
    }
    return best;
  };
}
