import assert from "node:assert/strict";
import type { ModelShape } from "../../model-facts/mod.ts";
import { type GpuName, gpus, type GpuFacts } from "./gpus.ts";

export const kvCacheDtypes = [
  "auto",
  "bfloat16",
  "float16",
  "fp8",
  "fp8_e4m3",
  "fp8_e5m2",
  "fp8_ds_mla",
] as const;

/** The values of vLLM's --kv-cache-dtype whose size is known here. */
export type KvCacheDtype = (typeof kvCacheDtypes)[number];

/** What is to be fitted; everything has a default, so that a model alone is a question too. */
export interface FitOptions {
  readonly gpu?: GpuName;
  /** Memory of one GPU; by default that of the named GPU. */
  readonly gpuMemoryBytes?: number;
  readonly gpuMemoryUtilization?: number;
  readonly tensorParallelSize?: number;
  readonly dataParallelSize?: number;
  readonly enableExpertParallel?: boolean;
  /** Copies of experts that EPLB adds to each layer. */
  readonly numRedundantExperts?: number;
  readonly kvCacheDtype?: KvCacheDtype;
  /** Tokens in a KV block. */
  readonly blockSize?: number;
  /** Tokens of a request's prompt and of its answer. */
  readonly inputLength?: number;
  readonly outputLength?: number;
  readonly maxNumBatchedTokens?: number;
  readonly maxNumSeqs?: number;
  /** Bytes of a GPU that are neither weights nor KV cache; by default they are estimated. */
  readonly reserveBytes?: number;
  /** False where every layer keeps all tokens: vLLM's --disable-hybrid-kv-cache-manager. */
  readonly hybridKvCache?: boolean;
  /** Share of its peak FLOP/s that a GPU reaches in prefill. */
  readonly flopsUtilization?: number;
  /** Share of its memory bandwidth that a GPU reaches in decode. */
  readonly bandwidthUtilization?: number;
}

/** Every option with its value. */
export interface FitSettings extends Required<Omit<FitOptions, "gpu" | "reserveBytes">> {
  readonly gpu: GpuFacts;
  readonly reserveBytes: number | null;
}

export function settingsOf(options: FitOptions, shape: ModelShape): FitSettings {
  const gpu = gpus[options.gpu ?? "H100"];
  const settings: FitSettings = {
    gpuMemoryBytes: gpu.memoryBytes,
    gpuMemoryUtilization: 0.92,
    tensorParallelSize: 1,
    dataParallelSize: 1,
    enableExpertParallel: false,
    numRedundantExperts: 0,
    kvCacheDtype: "auto",
    blockSize: 16,
    ...requestLengths(options, shape.maxPositionEmbeddings ?? Number.MAX_SAFE_INTEGER),
    maxNumBatchedTokens: gpu.maxNumBatchedTokens,
    maxNumSeqs: gpu.maxNumSeqs,
    reserveBytes: null,
    hybridKvCache: true,
    flopsUtilization: 0.5,
    bandwidthUtilization: 0.6,
    ...withoutUndefined(options),
    gpu,
  };
  for (const name of counts) assert(Number.isInteger(settings[name]) && settings[name] > 0, name);
  return settings;
}

const counts = [
  "gpuMemoryBytes",
  "tensorParallelSize",
  "dataParallelSize",
  "blockSize",
  "inputLength",
  "outputLength",
  "maxNumBatchedTokens",
  "maxNumSeqs",
] as const;

/** A long prompt and a middling answer, as far as the model's positions reach. */
function requestLengths(
  options: FitOptions,
  positions: number,
): Pick<FitSettings, "inputLength" | "outputLength"> {
  const left = options.inputLength === undefined ? positions / 4 : positions - options.inputLength;
  const outputLength = options.outputLength ?? Math.max(1, Math.min(1_024, Math.floor(left)));
  const inputLength = Math.max(1, Math.min(8_192, positions - outputLength));
  return { inputLength, outputLength };
}

/** exactOptionalPropertyTypes keeps undefined out of typed callers; spread must not meet it either way. */
function withoutUndefined(options: FitOptions): Omit<FitOptions, "gpu"> {
  const { gpu: _, ...rest } = options;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
}
