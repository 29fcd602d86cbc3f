import { buildCommand } from "@stricli/core";
import type { GpuName, KvCacheDtype } from "../../plan/mod.ts";
import type { CliContext } from "../context.ts";
import { parseCount } from "./parsers.ts";

/** Flags of `penstock fit`; those that vLLM has are called what vLLM calls them, TP, DP and EP by their short names. */
export interface FitFlags {
  readonly model: string;
  readonly gpu: GpuName;
  readonly gpuMemoryBytes?: number;
  readonly gpuMemoryUtilization?: number;
  readonly tp: number;
  readonly dp: number;
  readonly ep: boolean;
  readonly numRedundantExperts: number;
  readonly inputLen?: number;
  readonly outputLen?: number;
  readonly kvCacheDtype: KvCacheDtype;
  readonly blockSize: number;
  readonly maxNumBatchedTokens?: number;
  readonly maxNumSeqs?: number;
  readonly reserveBytes?: number;
  readonly disableHybridKvCacheManager: boolean;
  readonly json: boolean;
}

/** Lists of the planner, repeated here so that help and mistakes need not load it; a test compares them. */
export const gpuValues: readonly GpuName[] = [
  "A100",
  "A100-40GB",
  "B200",
  "H100",
  "H200",
  "L4",
  "L40S",
  "MI300X",
];
export const kvCacheDtypeValues: readonly KvCacheDtype[] = [
  "auto",
  "bfloat16",
  "float16",
  "fp8",
  "fp8_e4m3",
  "fp8_e5m2",
  "fp8_ds_mla",
];

const size = { kind: "parsed", parse: parsePositive } as const;
const optionalSize = { ...size, optional: true } as const;
const onOff = { kind: "boolean", default: false, withNegated: false } as const;

/** `penstock fit`: what of a model fits which GPUs. */
export const fitCommand = buildCommand<FitFlags, [], CliContext>({
  loader: async () => (await import("../run/fit.ts")).runFit,
  parameters: {
    flags: {
      model: {
        kind: "parsed",
        parse: String,
        brief: "Directory with the model's config.json, or name of a model on the hub",
      },
      gpu: { kind: "enum", values: gpuValues, brief: "GPU", default: "H100" },
      gpuMemoryBytes: { ...optionalSize, brief: "Bytes of a GPU; by default those of --gpu" },
      gpuMemoryUtilization: {
        kind: "parsed",
        parse: parseShare,
        optional: true,
        brief: "Share of the memory that the engine may use; by default 0.92",
      },
      tp: { ...size, brief: "Tensor-parallel size", default: "1" },
      dp: { ...size, brief: "Data-parallel size", default: "1" },
      ep: { ...onOff, brief: "Expert parallelism over the TP x DP GPUs" },
      numRedundantExperts: {
        kind: "parsed",
        parse: parseCount,
        brief: "Experts of each layer that EPLB doubles",
        default: "0",
      },
      inputLen: { ...optionalSize, brief: "Tokens of a prompt; by default 8192" },
      outputLen: { ...optionalSize, brief: "Tokens of an answer; by default 1024" },
      kvCacheDtype: {
        kind: "enum",
        values: kvCacheDtypeValues,
        brief: "Data type of the KV cache",
        default: "auto",
      },
      blockSize: { ...size, brief: "Tokens per block of the KV cache", default: "16" },
      maxNumBatchedTokens: { ...optionalSize, brief: "Tokens of the largest step" },
      maxNumSeqs: { ...optionalSize, brief: "Sequences of the largest step" },
      reserveBytes: {
        kind: "parsed",
        parse: parseCount,
        optional: true,
        brief: "Bytes of a GPU that are neither weights nor KV cache; by default estimated",
      },
      disableHybridKvCacheManager: {
        ...onOff,
        brief: "Layers with a sliding window keep every token",
      },
      json: { ...onOff, brief: "Print the report as JSON" },
    },
  },
  docs: {
    brief: "Show whether a model fits, and how many requests with it",
    fullDescription: [
      "Works out parameters, memory, KV cache, network and the prefill:decode ratio from the model's config.json.",
      "Needs no GPU. Ends with 1 where the model does not fit.",
      "",
      "  penstock fit --model ~/models/Llama-3.1-70B-Instruct --gpu H100 --tp 4",
      "  penstock fit --model deepseek-ai/DeepSeek-V3 --gpu H200 --dp 16 --ep --kv-cache-dtype fp8",
    ].join("\n"),
  },
});

/** Reads a whole number of at least 1. */
export function parsePositive(word: string): number {
  const count = parseCount(word);
  if (count > 0) return count;
  throw new RangeError(`Expected a whole number of at least 1, found "${word}"`);
}

/** Reads a share: more than 0, at most 1. */
export function parseShare(word: string): number {
  const share = /^\d*\.?\d+$/.test(word) ? Number(word) : Number.NaN;
  if (share > 0 && share <= 1) return share;
  throw new RangeError(`Expected a number above 0 and up to 1, found "${word}"`);
}
