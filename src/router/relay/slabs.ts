/** Length of a slab: a read of a socket. */
export const slabBytes = 65_536;

/** What is kept for reuse, in each thread: 32 MiB. */
const spareSlabsMax = 512;

const spare: Buffer[] = [];

/**
 * Memory for bodies that are kept. Bodies of hundreds of kilobytes come and go with each request; given back by hand
 * they cost a copy and nothing else, whereas the collector would run for them many times a second.
 */
export function takeSlab(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(slabBytes);
}

/** Nobody may read from it or write to it any more, the kernel included. */
export function giveSlabBack(slab: Buffer): void {
  if (spare.length < spareSlabsMax) spare.push(slab);
}
