import { mix } from "./murmur-hash.ts";

/** Draws of 32 unsigned bits that only the seed decides: SplitMix (Steele and others, 2014) at half its width. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + goldenGamma) | 0;
    return mix(state);
  };
}

/** 2^32 over the golden ratio, odd: all states are passed before one comes again. */
const goldenGamma = 0x9e3779b9;
