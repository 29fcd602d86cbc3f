import type { ModelShape } from "../../model-facts/mod.ts";
import type { FitSettings } from "./fit-options.ts";
import { kvBytesPerBlockAndGpu, kvBytesPerSequenceAndGpu } from "./kv-cache-bytes.ts";

/** How the memory of one GPU is spent, in bytes. */
export interface MemoryFit {
  readonly gpuMemoryBytes: number;
  /** What vLLM may use: memory × utilization. */
  readonly usableBytes: number;
  readonly weightBytes: number;
  readonly reserveBytes: number;
  /** What is left for the KV cache; 0 where nothing is. */
  readonly kvCacheBytes: number;
}

/** What the KV cache holds. */
export interface CapacityFit {
  /** KV blocks of one rank, as if every layer kept every token. */
  readonly blocks: number;
  /** Tokens of one rank in those blocks. */
  readonly tokens: number;
  /** Tokens of the request in question: prompt and answer. */
  readonly requestLength: number;
  readonly requestBytesPerGpu: number;
  readonly requestsPerRank: number;
  /** Of all ranks of the instance. */
  readonly requests: number;
}

export function fitMemory(
  shape: ModelShape,
  settings: FitSettings,
  weightBytes: number,
): MemoryFit {
  const { gpuMemoryBytes } = settings;
  const usableBytes = Math.floor(gpuMemoryBytes * settings.gpuMemoryUtilization);
  const reserveBytes = settings.reserveBytes ?? estimateReserveBytes(shape, settings);
  const kvCacheBytes = Math.max(0, usableBytes - weightBytes - reserveBytes);
  return { gpuMemoryBytes, usableBytes, weightBytes, reserveBytes, kvCacheBytes };
}

export function fitCapacity(
  shape: ModelShape,
  settings: FitSettings,
  kvCacheBytes: number,
): CapacityFit {
  const requestLength = settings.inputLength + settings.outputLength;
  const blockBytes = kvBytesPerBlockAndGpu(shape, settings);
  const requestBytesPerGpu = kvBytesPerSequenceAndGpu(shape, settings, requestLength);
  const blocks = floorOf(kvCacheBytes, blockBytes);
  const requestsPerRank = floorOf(kvCacheBytes, requestBytesPerGpu);
  return {
    blocks,
    tokens: blocks * settings.blockSize,
    requestLength,
    requestBytesPerGpu,
    requestsPerRank,
    requests: requestsPerRank * settings.dataParallelSize,
  };
}

/** CUDA context, NCCL and CUDA graphs. */
const runtimeBytes = 1.5 * 2 ** 30;
const activationBytes = 2;
const logitBytes = 4;

/**
 * What vLLM's profiling run would find beside the weights: the largest step keeps, for each token, the residual
 * stream with its norms (4 × hidden_size) and the widest MLP's gate, up and product, and for each sequence two
 * copies of its float32 logits.
 */
export function estimateReserveBytes(shape: ModelShape, settings: FitSettings): number {
  const { maxNumBatchedTokens, maxNumSeqs, tensorParallelSize } = settings;
  const { experts, mlp, hiddenSize, vocabSize } = shape;
  const routed = experts === null ? 0 : experts.numExpertsPerTok * experts.intermediateSize;
  const widest = Math.max(mlp.intermediateSize, routed + (experts?.sharedIntermediateSize ?? 0));
  const perToken = (4 * hiddenSize + (3 * widest) / tensorParallelSize) * activationBytes;
  const logits = 2 * maxNumSeqs * vocabSize * logitBytes;
  return Math.round(runtimeBytes + maxNumBatchedTokens * perToken + logits);
}

/** A model whose layers keep no tokens asks for no blocks: nothing bounds it here, so it counts as none. */
function floorOf(bytes: number, each: number): number {
  return each === 0 ? 0 : Math.floor(bytes / each);
}
