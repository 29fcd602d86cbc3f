import type { Choose } from "./policy.ts";

/** The living rank with the fewest requests; among equals the next one after the last choice. */
export function leastInFlight(): Choose {
  let last = -1;
  return (_sessionKey, { count, living, inFlight }) => {
    let best = -1;
    for (let step = 1; step <= count; step++) {
      const slot = (last + step) % count;
      if (living[slot] === 1 && (best === -1 || inFlight[slot]! < inFlight[best]!)) best = slot;
    }
    if (best !== -1) last = best;
    return best;
  };
}
