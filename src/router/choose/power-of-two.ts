import type { Choose } from "./policy.ts";

/**
 * The better of two (Mitzenmacher, 2001): two living ranks are drawn, and the one with fewer requests is chosen, the
 * first where they are even. Nearly as even as the least of all, and routers that know nothing of each other do not all
 * run to the same rank.
 */
export function powerOfTwo(rankCount: number, random: () => number): Choose {
  const alive = new Uint32Array(rankCount);
  return (_sessionKey, { living, inFlight }) => {
    let aliveCount = 0;
    for (let slot = 0; slot < rankCount; slot++) {
      if (living[slot] === 1) alive[aliveCount++] = slot;
    }
    if (aliveCount === 0) return -1;
    if (aliveCount === 1) return alive[0]!;
    const first = drawBelow(aliveCount, random);
    const other = drawBelow(aliveCount - 1, random);
    const one = alive[first]!;
    const two = alive[other < first ? other : other + 1]!;
    return inFlight[two]! < inFlight[one]! ? two : one;
  };
}

/** A whole number from 0 to below `count`, each as likely as the next to within `count` in 2^32. */
function drawBelow(count: number, random: () => number): number {
  return Math.floor((random() * count) / 2 ** 32);
}
