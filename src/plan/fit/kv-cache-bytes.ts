import type { LayerMemory, ModelShape } from "../../model-facts/mod.ts";
import type { KvCacheDtype } from "./fit-options.ts";
import { keyValueShare, loadedElementBytes } from "./weight-bytes.ts";

/** How the KV cache is kept. */
export interface KvCacheLayout {
  readonly kvCacheDtype: KvCacheDtype;
  readonly tensorParallelSize: number;
  /** Tokens in a KV block. */
  readonly blockSize: number;
  /** True where layers with a sliding window keep that window only. */
  readonly hybridKvCache: boolean;
}

/** fp8_ds_mla: the compressed part in FP8 with a float32 scale for each 128 elements, the rotated part in 16 bits. */
const mlaScaleGroup = 128;
const mlaScaleBytes = 4;

/**
 * Bytes that one token takes in one layer, each KV head counted once:
 * `2 × num_key_value_heads × head_dim × bytes`, or `(kv_lora_rank + qk_rope_head_dim) × bytes` for MLA.
 */
export function kvBytesPerTokenAndLayer({ attention }: ModelShape, dtype: KvCacheDtype): number {
  if (attention.kind === "grouped")
    return 2 * attention.numKeyValueHeads * attention.headDim * elementBytes(dtype);
  const { kvLoraRank, qkRopeHeadDim } = attention;
  if (dtype !== "fp8_ds_mla") return (kvLoraRank + qkRopeHeadDim) * elementBytes(dtype);
  const scales = Math.ceil(kvLoraRank / mlaScaleGroup) * mlaScaleBytes;
  return kvLoraRank + scales + qkRopeHeadDim * loadedElementBytes;
}

/** Bytes that one more token takes in the layers that keep every token, each KV head counted once. */
export function kvBytesPerToken(shape: ModelShape, layout: KvCacheLayout): number {
  const layers = keptLayers(shape, layout).filter(({ kind }) => kind === "full").length;
  return layers * kvBytesPerTokenAndLayer(shape, layout.kvCacheDtype);
}

/** Bytes of one sequence of so many tokens, each KV head counted once. Layers with a window keep its tokens alone. */
export function kvBytesPerSequence(
  shape: ModelShape,
  layout: KvCacheLayout,
  tokens: number,
): number {
  const kept = keptLayers(shape, layout).map((memory) => keptTokens(memory, tokens));
  return sum(kept) * kvBytesPerTokenAndLayer(shape, layout.kvCacheDtype);
}

/** Bytes of one sequence on one GPU, in whole blocks; KV heads that several GPUs hold are counted on each. */
export function kvBytesPerSequenceAndGpu(
  shape: ModelShape,
  layout: KvCacheLayout,
  tokens: number,
): number {
  const blocks = keptLayers(shape, layout).map((memory) => keptBlocks(memory, tokens, layout));
  return sum(blocks) * layout.blockSize * kvBytesPerTokenLayerAndGpu(shape, layout);
}

/** Bytes of one block on one GPU: so many tokens in every layer that keeps tokens at all. */
export function kvBytesPerBlockAndGpu(shape: ModelShape, layout: KvCacheLayout): number {
  const layers = keptLayers(shape, layout).length;
  return layers * layout.blockSize * kvBytesPerTokenLayerAndGpu(shape, layout);
}

function kvBytesPerTokenLayerAndGpu(shape: ModelShape, layout: KvCacheLayout): number {
  const bytes = kvBytesPerTokenAndLayer(shape, layout.kvCacheDtype);
  return bytes * keyValueShare(shape, layout.tensorParallelSize);
}

type TokenMemory = Exclude<LayerMemory, { readonly kind: "state" }>;

/** What the layers with a KV cache keep under this layout. */
function keptLayers(shape: ModelShape, { hybridKvCache }: KvCacheLayout): readonly TokenMemory[] {
  return shape.layerMemories
    .filter((memory) => memory.kind !== "state")
    .map((memory) => (hybridKvCache ? memory : { kind: "full" }));
}

function keptTokens(memory: TokenMemory, tokens: number): number {
  return memory.kind === "full" ? tokens : Math.min(tokens, memory.tokens);
}

/** A window begins anywhere in a block, so it touches one block more than it fills. */
function keptBlocks(memory: TokenMemory, tokens: number, { blockSize }: KvCacheLayout): number {
  const all = Math.ceil(tokens / blockSize);
  if (memory.kind === "full") return all;
  return Math.min(all, Math.ceil((memory.tokens - 1) / blockSize) + 1);
}

function elementBytes(dtype: KvCacheDtype): number {
  return dtype.startsWith("fp8") ? 1 : loadedElementBytes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
