import type { KvFacts, KvMemory } from "../kv-memory.ts";

export interface MemoryWish {
  readonly blockBytes: number;
  readonly blockCount: number;
  /** Every byte of it. */
  readonly fill: number;
  readonly facts?: Partial<KvFacts>;
}

/** The memory of an engine with one layer: a plane of keys and one of values, with a gap between them. */
export function makeMemory({ blockBytes, blockCount, fill, facts }: MemoryWish): KvMemory {
  const gapBytes = 64;
  const planeBytes = blockBytes * blockCount;
  const buffer = new SharedArrayBuffer(2 * planeBytes + gapBytes);
  new Uint8Array(buffer).fill(fill);
  return {
    buffer,
    planes: [0, planeBytes + gapBytes],
    blockBytes,
    blockCount,
    facts: {
      model: "m",
      dtype: "float32",
      layerCount: 1,
      kvHeadCount: 1,
      headDim: 1,
      blockSize: blockBytes / 4,
      ...facts,
    },
  };
}
