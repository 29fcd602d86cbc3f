import type { Choose } from "./policy.ts";

/**
 * The better of two (Mitzenmacher, 2001): two eligible ranks are drawn, and the one with fewer requests is chosen, the
 * first where they are even. Nearly as even as the least of all, and routers that know nothing of each other do not all
 * run to the same rank.
 */
export function powerOfTwo(ranksMax: number, random: () => number): Choose {
  const candidates = new Uint32Array(ranksMax);
  return (_sessionKey, { count, eligible, inFlight }) => {
    let candidateCount = 0;
    for (let slot = 0; slot < count; slot++) {
      candidates[candidateCount] = slot; // The next candidate overwrites one that is not eligible.
      candidateCount += eligible[slot]!;
    }
    if (candidateCount === 0) return -1;
    if (candidateCount === 1) return candidates[0]!;
    const first = drawBelow(candidateCount, random);
    const other = drawBelow(candidateCount - 1, random);
    const one = candidates[first]!;
    const two = candidates[other < first ? other : other + 1]!;
    return inFlight[two]! < inFlight[one]! ? two : one;
  };
}

/** A whole number from 0 to below `count`, each as likely as the next to within `count` in 2^32. */
function drawBelow(count: number, random: () => number): number {
  return Math.floor((random() * count) / 2 ** 32);
}
