/**
 * Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3"
 * (SC 2011). It keeps no state: the draw for the n-th token of a request follows from the request's key and n,
 * whatever else runs, and needs no care when a request is preempted.
 */
export interface RandomKey {
  /** Any integer that a double holds exactly; 64 bits of it count. */
  readonly seed: number;
  /** Tells requests apart that share a seed. 0 for a seed that belongs to one request. */
  readonly stream: number;
}

type Words = readonly [number, number, number, number];

/** The index-th number of the key's sequence: uniform in [0, 1), 53 bits. */
export function randomUnit({ seed, stream }: RandomKey, index: number): number {
  const counter: Words = [index, highWord(index), stream, highWord(stream)];
  const [a, b] = philox4x32(counter, [seed, highWord(seed)]);
  return ((a >>> 5) * 0x400_0000 + (b >>> 6)) / 2 ** 53;
}

/** Four words of 32 bits each from a counter and a key; words are taken modulo 2^32. */
export function philox4x32(counter: Words, key: readonly [number, number]): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd251_1f53, c0);
    const low0 = Math.imul(0xd251_1f53, c0);
    const high1 = multiplyHigh(0xcd9e_8d57, c2);
    const low1 = Math.imul(0xcd9e_8d57, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + 0x9e37_79b9) | 0;
    k1 = (k1 + 0xbb67_ae85) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** The upper 32 bits of the 64-bit product of two 32-bit words. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (aLow * bHigh + (middle & 0xffff)) >>> 16;
  return aHigh * bHigh + (middle >>> 16) + carry;
}

/** Bits 32 to 63 in two's complement. */
function highWord(value: number): number {
  return Math.floor(value / 2 ** 32) | 0;
}
