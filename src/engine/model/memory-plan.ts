import { PenstockError } from "../../errors/mod.ts";
import type { ModelConfig } from "../../model-facts/mod.ts";
import { attentionShapeBytes } from "../kernels/kernels.ts";
import type { Dtype } from "../types.ts";
import { Arena } from "./arena.ts";
import { placeWeights, type ModelWeights, type WeightPlace } from "./weight-places.ts";

/** What the caller wants of a runner; see EngineOptions for the meaning of each. */
export interface RunnerLimits {
  readonly maxModelLen?: number;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  readonly blockSize: number;
  readonly kvCacheBytes?: number;
}

/** Where everything lies in the engine's memory. Plain data: every compute thread gets a copy. */
export interface MemoryPlan {
  readonly config: ModelConfig;
  readonly dtype: Dtype;
  readonly maxModelLen: number;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  readonly blockSize: number;
  readonly blockCount: number;
  readonly weights: ModelWeights;
  readonly places: readonly WeightPlace[];
  readonly weightBytes: number;
  readonly caches: readonly LayerCache[];
  readonly step: StepPlan;
  readonly scratch: SharedScratch;
  readonly threads: readonly ThreadScratch[];
  /** Staging for weights while they are loaded: loadBufferBytes each, as stored and widened to f32. */
  readonly loadBuffers: { readonly stored: number; readonly widened: number };
  readonly totalBytes: number;
}

/** [blockCount, numKeyValueHeads, blockSize, headDim] f32 each. */
export interface LayerCache {
  readonly keys: number;
  readonly values: number;
}

/** What thread 0 writes before each step. */
export interface StepPlan {
  /** Words of step-control.ts. */
  readonly control: number;
  /** AttentionShape; written once. */
  readonly attentionShape: number;
  /** [tokens] */
  readonly tokenIds: number;
  /** [tokens] Element offset of each token's slot in a layer's cache, for the first key-value head. */
  readonly cacheOffsets: number;
  /** [tokens, headDim] Cosines, then sines. */
  readonly ropeTable: number;
  /** [sequences, 4] tokenOffset, tokenCount, first position, address of the block table. */
  readonly sequences: number;
  readonly blockTables: number;
  /** [logit rows] Token index of each. */
  readonly logitRows: number;
}

/** Written by shares, read by all; rows are tokens. */
export interface SharedScratch {
  readonly hidden: number;
  readonly qkv: number;
  readonly attention: number;
  /** Rows are (token, expert) pairs in a sparse layer. */
  readonly gate: number;
  readonly up: number;
  readonly expertOut: number;
  /** [maxNumSeqs, vocabSize] */
  readonly logits: number;
}

/** One thread's own. */
export interface ThreadScratch {
  readonly normed: number;
  readonly scores: number;
  readonly routerLogits: number;
  readonly gathered: number;
  /** [tokens * numExpertsPerTok] Token index and weight of each pair, experts ascending. */
  readonly pairTokens: number;
  readonly pairWeights: number;
}

/** WebAssembly addresses have 32 bits; the last page stays free so that no end of a range wraps to 0. */
export const memoryBytesMax = 2 ** 32 - 65_536;
export const loadBufferBytes = 4 * 1024 * 1024;
const kvCacheBytesDefaultMax = 1024 ** 3;
/** Where static data of the compiled kernels may lie. */
const kernelDataBytes = 65_536;
export const controlBytes = 4_096;

/** As error messages show it. */
export function toMib(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}

export interface PlanRequest {
  readonly config: ModelConfig;
  readonly dtype: Dtype;
  readonly limits: RunnerLimits;
  readonly threadCount: number;
}

/**
 * Divides the memory: weights, scratch, then the KV cache in what is asked for or left.
 *
 * @throws PenstockError MODEL_LEN_TOO_LONG, MODEL_MEMORY_EXCEEDED, MODEL_KV_CACHE_TOO_SMALL
 */
export function planMemory(request: PlanRequest): MemoryPlan {
  const { config, dtype, limits, threadCount } = request;
  const { maxNumSeqs, maxNumBatchedTokens, blockSize } = limits;
  const wantedLen = limits.maxModelLen ?? config.maxPositionEmbeddings;
  checkModelLen(config, wantedLen);

  const arena = new Arena(kernelDataBytes);
  const { weights, places } = placeWeights(config, dtype, arena);
  const weightBytes = arena.end - kernelDataBytes;
  const step = planStep(arena, request, wantedLen);
  const scratch = planScratch(arena, request);
  const threads = Array.from({ length: threadCount }, () => planThread(arena, request, wantedLen));
  const loadBuffers = {
    stored: arena.allocate(loadBufferBytes),
    widened: arena.allocate(loadBufferBytes * 2),
  };
  const cache = planCache(arena, request, { wantedLen, weightBytes });
  return {
    config,
    dtype,
    maxNumSeqs,
    maxNumBatchedTokens,
    blockSize,
    weights,
    places,
    weightBytes,
    step,
    scratch,
    threads,
    loadBuffers,
    ...cache,
    totalBytes: arena.end,
  };
}

function checkModelLen(config: ModelConfig, maxModelLen: number): void {
  const { limit, reason } = longestModelLen(config);
  if (maxModelLen > limit)
    throw new PenstockError("MODEL_LEN_TOO_LONG", { maxModelLen, limit, reason });
}

/** What the config's RoPE reaches: scalings by a factor reach past max_position_embeddings. */
function longestModelLen({ rope, maxPositionEmbeddings }: ModelConfig) {
  const name = "max_position_embeddings";
  if (rope.type === "dynamic" || rope.type === "yarn") {
    const scaled = Math.floor(rope.originalMaxPosition * rope.factor);
    if (scaled > maxPositionEmbeddings)
      return { limit: scaled, reason: `${name} with RoPE scaling` };
  }
  return { limit: maxPositionEmbeddings, reason: name };
}

function planStep(arena: Arena, { config, limits }: PlanRequest, maxModelLen: number): StepPlan {
  const { maxNumSeqs, maxNumBatchedTokens: tokens, blockSize } = limits;
  return {
    control: arena.allocate(controlBytes),
    attentionShape: arena.allocate(attentionShapeBytes),
    tokenIds: arena.allocate(tokens * 4),
    cacheOffsets: arena.allocate(tokens * 4),
    ropeTable: arena.allocate(tokens * config.headDim * 4),
    sequences: arena.allocate(maxNumSeqs * 16),
    blockTables: arena.allocate(maxNumSeqs * Math.ceil(maxModelLen / blockSize) * 4),
    logitRows: arena.allocate(maxNumSeqs * 4),
  };
}

function planScratch(arena: Arena, { config, limits }: PlanRequest): SharedScratch {
  const { maxNumSeqs, maxNumBatchedTokens: tokens } = limits;
  const { hiddenSize, headDim, numAttentionHeads, numKeyValueHeads, moe } = config;
  const floats = (count: number) => arena.allocate(count * 4);
  const pairWidth = moe === null ? 0 : moe.numExpertsPerTok * moe.moeIntermediateSize;
  const mlpWidth = Math.max(config.intermediateSize, pairWidth);
  return {
    hidden: floats(tokens * hiddenSize),
    qkv: floats(tokens * (numAttentionHeads + 2 * numKeyValueHeads) * headDim),
    attention: floats(tokens * numAttentionHeads * headDim),
    gate: floats(tokens * mlpWidth),
    up: floats(tokens * mlpWidth),
    expertOut: floats(moe === null ? 0 : tokens * hiddenSize),
    logits: floats(maxNumSeqs * config.vocabSize),
  };
}

function planThread(
  arena: Arena,
  { config, limits }: PlanRequest,
  maxModelLen: number,
): ThreadScratch {
  const tokens = limits.maxNumBatchedTokens;
  const { hiddenSize, moe } = config;
  const floats = (count: number) => arena.allocate(count * 4);
  const pairs = moe === null ? 0 : tokens * moe.numExpertsPerTok;
  return {
    normed: floats(tokens * hiddenSize),
    scores: floats(maxModelLen + 4),
    routerLogits: floats(moe === null ? 0 : tokens * moe.numExperts),
    gathered: floats(moe === null ? 0 : tokens * hiddenSize),
    pairTokens: floats(pairs),
    pairWeights: floats(pairs),
  };
}

/** Elements from one KV block of a layer to the next. */
export function blockStrideOf(config: ModelConfig, blockSize: number): number {
  return config.numKeyValueHeads * blockSize * config.headDim;
}

function planCache(
  arena: Arena,
  { config, limits }: PlanRequest,
  { wantedLen, weightBytes }: { readonly wantedLen: number; readonly weightBytes: number },
) {
  const { blockSize, maxNumSeqs } = limits;
  const layerBlockBytes = blockStrideOf(config, blockSize) * 4;
  const blockBytes = layerBlockBytes * 2 * config.numHiddenLayers;
  const blocksPerSequence = Math.ceil(wantedLen / blockSize);
  const freeBytes = memoryBytesMax - arena.end;
  const wantedBytes = blockBytes * blocksPerSequence * maxNumSeqs;
  const defaultBytes = Math.min(wantedBytes, kvCacheBytesDefaultMax, Math.max(freeBytes, 0));
  const kvCacheBytes = limits.kvCacheBytes ?? defaultBytes;
  const blockCount = Math.floor(kvCacheBytes / blockBytes);
  if (freeBytes <= 0 || kvCacheBytes > freeBytes) {
    throw new PenstockError("MODEL_MEMORY_EXCEEDED", {
      weightMib: toMib(weightBytes),
      kvCacheMib: toMib(limits.kvCacheBytes ?? blockBytes),
      scratchMib: toMib(arena.end - weightBytes),
      limitMib: toMib(memoryBytesMax),
    });
  }
  const maxModelLen = fitModelLen(limits, wantedLen, blockCount);
  if (maxModelLen === null) {
    const maxModelLen = limits.maxModelLen ?? blockSize;
    const neededMib = toMib(blockBytes * Math.ceil(maxModelLen / blockSize));
    const facts = { kvCacheMib: toMib(kvCacheBytes), neededMib, maxModelLen };
    throw new PenstockError("MODEL_KV_CACHE_TOO_SMALL", facts);
  }
  const layerBytes = layerBlockBytes * blockCount;
  return {
    blockCount,
    maxModelLen,
    caches: Array.from({ length: config.numHiddenLayers }, () => ({
      keys: arena.allocate(layerBytes),
      values: arena.allocate(layerBytes),
    })),
  };
}

/**
 * A length that the user names must fit the cache; the model's own length is cut to what does, so that a model
 * made for 131,072 tokens runs on a laptop. null: not even that.
 */
function fitModelLen(limits: RunnerLimits, wantedLen: number, blockCount: number): number | null {
  const cachedLen = blockCount * limits.blockSize;
  if (cachedLen >= wantedLen) return wantedLen;
  return limits.maxModelLen === undefined && cachedLen > 0 ? cachedLen : null;
}
