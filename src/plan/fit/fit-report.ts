import { deepFreeze } from "../../base/mod.ts";
import type { ModelShape } from "../../model-facts/mod.ts";
import { fitAssumptions } from "./fit-assumptions.ts";
import { type FitOptions, type FitSettings, settingsOf } from "./fit-options.ts";
import { kvBytesPerSequence, kvBytesPerToken } from "./kv-cache-bytes.ts";
import { type KvTransfer, kvTransfer } from "./kv-transfer.ts";
import { layoutProblems } from "./layout-problems.ts";
import { type CapacityFit, fitCapacity, fitMemory, type MemoryFit } from "./memory-fit.ts";
import { countParameters, type ParameterCount } from "./parameter-count.ts";
import { type PrefillDecodeRatio, prefillDecodeRatio } from "./prefill-decode-ratio.ts";
import {
  keyValueShare,
  totalWeightBytes,
  type WeightBytes,
  weightBytesPerGpu,
} from "./weight-bytes.ts";

/** Whether and how a model fits its GPUs: data, in bytes, tokens and seconds. */
export interface FitReport {
  readonly architecture: string;
  /** Every option with the value that was taken. */
  readonly settings: FitSettings;
  readonly parameters: ParameterCount;
  readonly weights: {
    /** One copy of all weights. */
    readonly totalBytes: number;
    readonly perGpu: WeightBytes;
  };
  readonly kvCache: KvCacheReport;
  readonly memory: MemoryFit;
  readonly capacity: CapacityFit;
  readonly transfer: KvTransfer;
  /** Null where not one request fits. */
  readonly ratio: PrefillDecodeRatio | null;
  /** True where at least one request fits and nothing speaks against it. */
  readonly fits: boolean;
  /** What speaks against it, one sentence each. */
  readonly problems: readonly string[];
  /** What the figures rest on, one sentence each. */
  readonly assumptions: readonly string[];
}

export interface KvCacheReport {
  /** What one more token adds, each KV head counted once. */
  readonly bytesPerToken: number;
  /** What the layers with a sliding window keep of a long sequence, at most. */
  readonly windowBytesMax: number;
  /** How often each KV head is kept within a rank; above 1 where TP is larger than their number. */
  readonly copies: number;
}

/** Pure: the same shape and options give the same report. */
export function fitReport(shape: ModelShape, options: FitOptions = {}): FitReport {
  const settings = settingsOf(options, shape);
  const weights = weightBytesPerGpu(shape, settings);
  const memory = fitMemory(shape, settings, weights.total);
  const capacity = fitCapacity(shape, settings, memory.kvCacheBytes);
  const problems = [...layoutProblems(shape, settings), ...memoryProblems(memory, capacity)];
  return deepFreeze({
    architecture: shape.architecture,
    settings,
    parameters: countParameters(shape),
    weights: { totalBytes: totalWeightBytes(shape), perGpu: weights },
    kvCache: kvCacheReport(shape, settings),
    memory,
    capacity,
    transfer: kvTransfer(shape, settings),
    ratio: prefillDecodeRatio(shape, settings, {
      weights,
      requestsPerRank: capacity.requestsPerRank,
    }),
    fits: problems.length === 0,
    problems,
    assumptions: [...fitAssumptions(shape, settings), ...shape.remarks],
  });
}

function kvCacheReport(shape: ModelShape, settings: FitSettings): KvCacheReport {
  const bytesPerToken = kvBytesPerToken(shape, settings);
  const windows = shape.layerMemories.map((memory) =>
    memory.kind === "window" ? memory.tokens : 0,
  );
  const longest = settings.hybridKvCache ? Math.max(...windows) : 0;
  return {
    bytesPerToken,
    windowBytesMax: kvBytesPerSequence(shape, settings, longest) - longest * bytesPerToken,
    copies: keyValueShare(shape, settings.tensorParallelSize) * settings.tensorParallelSize,
  };
}

function memoryProblems(memory: MemoryFit, capacity: CapacityFit): readonly string[] {
  if (memory.kvCacheBytes === 0) {
    const needed = memory.weightBytes + memory.reserveBytes;
    return [`Weights and reserve need ${needed} bytes of a GPU, it may use ${memory.usableBytes}`];
  }
  if (capacity.requestsPerRank > 0 || capacity.requestBytesPerGpu === 0) return [];
  const { requestLength, requestBytesPerGpu } = capacity;
  return [
    `One request of ${requestLength} tokens needs ${requestBytesPerGpu} bytes of KV cache on a GPU, there are ${memory.kvCacheBytes}`,
  ];
}
