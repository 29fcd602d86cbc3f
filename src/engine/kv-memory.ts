/**
 * Where keys and values lie, for those who carry blocks elsewhere. Plain data over shared memory: it crosses threads.
 *
 * A plane is what one layer keeps of one kind, keys or values: [blockCount, blockBytes]. Planes stand in the order in
 * which a forward pass needs them: keys of layer 0, values of layer 0, keys of layer 1 and so on.
 */
export interface KvMemory {
  readonly buffer: ArrayBufferLike;
  /** Byte address of block 0 in each plane. */
  readonly planes: readonly number[];
  readonly blockBytes: number;
  readonly blockCount: number;
  readonly facts: KvFacts;
}

/** What must be equal in two engines before the blocks of one mean anything to the other. */
export interface KvFacts {
  /** Digest of the model's config and of samples of its weights, as they are kept. */
  readonly model: string;
  /** How keys and values are kept. */
  readonly dtype: "float32";
  readonly layerCount: number;
  readonly kvHeadCount: number;
  readonly headDim: number;
  readonly blockSize: number;
}
