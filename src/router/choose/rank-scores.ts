import { mix } from "./murmur-hash.ts";

/** What a rank adds to the hash of a key. Of its index alone: the same in each process and after a restart. */
export function rankSeed(index: number): number {
  return mix(index + 1);
}

/**
 * How well a key goes with a rank (rendezvous hashing), as 32 bits with a sign: each key has an order of all ranks of its
 * own. MurmurHash3's finalizer without its last step, which changes low bits only and so no order that matters.
 */
export function rankScore(keyHash: number, rankSeed: number): number {
  let hash = keyHash ^ rankSeed;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
}
