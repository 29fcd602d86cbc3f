import { leastInFlight } from "./least-in-flight.ts";
import type { Policy, PolicyOptions, RankView } from "./policy.ts";
import { rankScore, rankSeeds } from "./rank-scores.ts";
import { SessionTable } from "./session-table.ts";

/**
 * A new session goes to the living rank with the fewest sessions, where these are even to the one with the fewest
 * requests, and else by rendezvous hashing. It stays there, whatever the load, until it is finished or was not used
 * for too long, or until its rank is lost: then it moves as if it were new and stays where its cache is from then
 * on, also when the lost rank returns, whose cache is empty. Sessions that slept through the loss stay counted at
 * their rank and find it again.
 *
 * Requests without a session go where the least is in flight and are not remembered.
 */
export function stickyLeastLoaded(rankIndexes: readonly number[], options: PolicyOptions): Policy {
  const { clock, sessionsMax, sessionIdleMsMax } = options;
  const rankCount = rankIndexes.length;
  const seeds = rankSeeds(rankIndexes);
  const sessions = new SessionTable({
    rankCount,
    sessionsMax,
    sessionIdleMsMax,
    changesMax: options.sessionChangesMax,
    bucketSeed: options.random(),
    memory: options.sessionMemory,
  });
  const fallback = leastInFlight();
  const chooseHome = (hash: number, { living, inFlight }: RankView) => {
    const { counts } = sessions;
    let best = -1;
    let bestCount = Infinity;
    let bestLoad = Infinity;
    let bestScore = -1;
    for (let slot = 0; slot < rankCount; slot++) {
      const count = counts[slot]!;
      if (living[slot] !== 1 || count > bestCount) continue;
      const load = inFlight[slot]!;
      if (count === bestCount && load > bestLoad) continue;
      const score = rankScore(hash, seeds[slot]!);
      if (count === bestCount && load === bestLoad && score < bestScore) continue;
      best = slot;
      bestCount = count;
      bestLoad = load;
      bestScore = score;
    }
    return best;
  };
  return {
    choose: (sessionKey, view) => {
      if (sessionKey === undefined) return fallback(sessionKey, view);
      return sessions.settle(sessionKey, clock(), (home, hash) => {
        const stays = home !== -1 && view.living[home] === 1;
        return stays ? home : chooseHome(hash, view);
      });
    },
    finishSession: (sessionKey) => sessions.finish(sessionKey),
    countSessions: () => sessions.size,
    sessions,
  };
}
