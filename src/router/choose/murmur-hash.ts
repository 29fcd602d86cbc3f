/**
 * MurmurHash3, x86 32-bit variant (Austin Appleby, public domain), over the low bytes of the string's code units:
 * header values are Latin-1, so that is their bytes on the wire.
 */
export function murmurHash3(text: string, seed = 0): number {
  let hash = seed | 0;
  const wholeEnd = text.length & ~3;
  for (let index = 0; index < wholeEnd; index += 4) {
    const block =
      byteAt(text, index) |
      (byteAt(text, index + 1) << 8) |
      (byteAt(text, index + 2) << 16) |
      (byteAt(text, index + 3) << 24);
    hash ^= scramble(block);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let index = text.length - 1; index >= wholeEnd; index--) {
    tail = (tail << 8) | byteAt(text, index);
  }
  return mix(hash ^ scramble(tail) ^ text.length);
}

/** MurmurHash3's finalizer: a bijection on 32 bits in which each input bit flips each output bit half the time. */
export function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

function byteAt(text: string, index: number): number {
  return text.charCodeAt(index) & 0xff;
}
