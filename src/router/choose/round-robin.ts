import type { Choose } from "./policy.ts";

/** The next eligible rank after the last choice, whatever the request. */
export function roundRobin(): Choose {
  let last = -1;
  return (_sessionKey, { count, eligible }) => {
    let slot = last;
    for (let step = 0; step < count; step++) {
      slot = slot + 1 < count ? slot + 1 : 0;
      if (eligible[slot] === 1) return (last = slot);
    }
    return -1;
  };
}
