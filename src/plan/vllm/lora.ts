import type { VllmFlags } from "./flag-words.ts";

export interface LoraOptions {
  readonly maxLoraRank: number;
  readonly maxLoras?: number | null;
  readonly maxCpuLoras?: number | null;
  readonly targetModules?: readonly string[];
  /** Whether adapters may be loaded and unloaded while it serves. */
  readonly allowRuntimeUpdating: boolean;
}

/** The ranks that vLLM has buffers for: MaxLoRARanks in vllm/config/lora.py. */
export const vllmLoraRanks = [1, 8, 16, 32, 64, 128, 256, 320, 512] as const;

/** The smallest rank of vLLM that holds this one; undefined when it is larger than all. */
export function roundLoraRank(rank: number): number | undefined {
  return vllmLoraRanks.find((taken) => taken >= rank);
}

export function loraFlags(lora: LoraOptions | null | undefined): VllmFlags {
  if (lora === null || lora === undefined) return {};
  return {
    "--enable-lora": true,
    "--max-lora-rank": roundLoraRank(lora.maxLoraRank),
    "--max-loras": lora.maxLoras,
    "--max-cpu-loras": lora.maxCpuLoras,
    "--lora-target-modules": lora.targetModules ?? [],
  };
}
