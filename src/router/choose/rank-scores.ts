import { mix } from "./murmur-hash.ts";

/** By slot, what a rank adds to the hash of a key. Of its index alone: the same in each process and after a restart. */
export function rankSeeds(rankIndexes: readonly number[]): Uint32Array {
  return Uint32Array.from(rankIndexes, (index) => mix(index + 1));
}

/** How well a key goes with a rank (rendezvous hashing): each key has an order of all ranks of its own. */
export function rankScore(keyHash: number, rankSeed: number): number {
  return mix(keyHash ^ rankSeed);
}
