import { leastInFlight } from "./least-in-flight.ts";
import type { Policy, PolicyOptions, RankView } from "./policy.ts";
import { SessionTable } from "./session-table.ts";

/**
 * A new session goes to the eligible rank with the fewest sessions, where these are even to the one with the fewest
 * requests, and else by its key. It stays there, whatever the load, until it is finished or was not used
 * for too long, or until its rank is lost: then it moves as if it were new and stays where its cache is from then
 * on, also when the lost rank returns, whose cache is empty. Sessions that slept through the loss stay counted at
 * their rank and find it again.
 *
 * Requests without a session go where the least is in flight and are not remembered.
 */
export function stickyLeastLoaded(ranksMax: number, options: PolicyOptions): Policy {
  const { clock, sessionsMax, sessionIdleMsMax } = options;
  const sessions = new SessionTable({
    rankCount: ranksMax,
    sessionsMax,
    sessionIdleMsMax,
    changesMax: options.sessionChangesMax,
    bucketSeed: options.random(),
    memory: options.sessionMemory,
  });
  const fallback = leastInFlight();
  return {
    choose: (sessionKey, view) => {
      if (sessionKey === undefined) return fallback(sessionKey, view);
      return sessions.settle(sessionKey, clock(), (home, hash) => {
        const stays = home !== -1 && view.eligible[home] === 1;
        return stays ? home : leastLoaded(hash, view, sessions.counts);
      });
    },
    finishSession: (sessionKey) => sessions.finish(sessionKey),
    forgetRank: (slot) => sessions.forgetSlot(slot),
    countSessions: () => sessions.size,
    sessions,
  };
}

/**
 * The eligible rank with the fewest sessions, then requests; among equals the first one from a place on that the key
 * decides. In three passes, each of which asks first what is hardly ever so: processors guess such branches right, and
 * in one pass that goes by ties half of 4,096 guesses would be wrong.
 */
function leastLoaded(keyHash: number, view: RankView, sessionCounts: Uint32Array): number {
  const { count, eligible, inFlight } = view;
  const fewest = fewestSessions(view, sessionCounts);
  const least = leastRequests(view, sessionCounts, fewest);
  let slot = keyHash % count;
  for (let step = 0; step < count; step++) {
    const isBest = sessionCounts[slot] === fewest && inFlight[slot] === least;
    if (isBest && eligible[slot] === 1) return slot;
    slot = slot + 1 < count ? slot + 1 : 0;
  }
  return -1;
}

function fewestSessions({ count, eligible }: RankView, sessionCounts: Uint32Array): number {
  let fewest = most;
  for (let slot = 0; slot < count; slot++) {
    const sessionCount = sessionCounts[slot]!;
    if (sessionCount < fewest && eligible[slot] === 1) fewest = sessionCount;
  }
  return fewest;
}

/** Among the eligible ranks with this number of sessions. */
function leastRequests(view: RankView, sessionCounts: Uint32Array, fewest: number): number {
  const { count, eligible, inFlight } = view;
  let least = most;
  for (let slot = 0; slot < count; slot++) {
    const load = inFlight[slot]!;
    if (load < least && sessionCounts[slot] === fewest && eligible[slot] === 1) least = load;
  }
  return least;
}

/** More than there are of anything. */
const most = 0x7fffffff;
