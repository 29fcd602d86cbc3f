import type { Choose } from "./policy.ts";

/** The eligible rank with the fewest requests; among equals the next one after the last choice. */
export function leastInFlight(): Choose {
  let last = -1;
  return (_sessionKey, { count, eligible, inFlight }) => {
    let best = -1;
    let least = most;
    let slot = last;
    for (let step = 0; step < count; step++) {
      slot = slot + 1 < count ? slot + 1 : 0;
      const load = inFlight[slot]! | ((eligible[slot]! - 1) & most); // No branch for who is eligible.
      if (load >= least) continue;
      best = slot;
      least = load;
      if (load === 0) break; // Nobody has less.
    }
    if (best !== -1) last = best;
    return best;
  };
}

/** More than any rank has; what stays below it is an integer to V8. */
const most = 0x7fffffff;
