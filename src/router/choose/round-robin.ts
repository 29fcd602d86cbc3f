import type { Choose } from "./policy.ts";

/** The next living rank after the last choice, whatever the request. */
export function roundRobin(): Choose {
  let last = -1;
  return (_sessionKey, { count, living }) => {
    for (let step = 1; step <= count; step++) {
      const slot = (last + step) % count;
      if (living[slot] === 1) return (last = slot);
    }
    return -1;
  };
}
