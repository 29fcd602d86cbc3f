import type { ModelShape } from "../../model-facts/mod.ts";
import {
  type WeightGroup,
  weightGroups,
  type WeightPart,
  weightParts,
  type WeightSplit,
} from "./weight-parts.ts";

/** How an instance is spread over its TP × DP GPUs. */
export interface ParallelLayout {
  readonly tensorParallelSize: number;
  readonly dataParallelSize: number;
  readonly enableExpertParallel: boolean;
  readonly numRedundantExperts: number;
}

/** Bytes of weights on the fullest GPU, by group and together. */
export interface WeightBytes {
  readonly groups: Readonly<Record<WeightGroup, number>>;
  readonly total: number;
}

/** vLLM's --dtype auto loads float32 checkpoints in 16 bits. */
export const loadedElementBytes = 2;

export function weightBytesPerGpu(shape: ModelShape, layout: ParallelLayout): WeightBytes {
  const groups = Object.fromEntries(weightGroups.map((group) => [group, 0])) as Record<
    WeightGroup,
    number
  >;
  for (const part of weightParts(shape))
    groups[part.group] += bytesOf(part, shape) * shareOfGpu(part.split, shape, layout);
  for (const group of weightGroups) groups[group] = Math.round(groups[group]);
  return { groups, total: Object.values(groups).reduce((sum, bytes) => sum + bytes, 0) };
}

/** Bytes of one copy of all weights. */
export function totalWeightBytes(shape: ModelShape): number {
  return Math.round(weightParts(shape).reduce((sum, part) => sum + bytesOf(part, shape), 0));
}

function bytesOf({ elements, isMatrix, group }: WeightPart, { quantization }: ModelShape): number {
  const isCovered =
    quantization !== null && (quantization.covers === "matrices" || group === "routed experts");
  return elements * (isMatrix && isCovered ? quantization.bitsPerWeight / 8 : loadedElementBytes);
}

/** The part of a part that one GPU holds, from 0 to 1; redundant experts can bring it above 1. */
function shareOfGpu(split: WeightSplit, shape: ModelShape, layout: ParallelLayout): number {
  const { tensorParallelSize } = layout;
  const shares: Readonly<Record<WeightSplit, number>> = {
    none: 1,
    tensor: 1 / tensorParallelSize,
    "kv heads": keyValueShare(shape, tensorParallelSize),
    experts: expertShare(shape, layout),
  };
  return shares[split];
}

/** Share of the KV heads on one GPU: with more GPUs than heads each head is on several of them. */
export function keyValueShare({ attention }: ModelShape, tensorParallelSize: number): number {
  if (attention.kind === "latent") return 1;
  const heads = attention.numKeyValueHeads;
  return Math.ceil(heads / tensorParallelSize) / heads;
}

/**
 * Without expert parallelism vLLM cuts each expert over all TP × DP GPUs; with it each GPU holds whole experts,
 * the redundant ones of EPLB among them.
 */
function expertShare({ experts }: ModelShape, layout: ParallelLayout): number {
  const gpus = layout.tensorParallelSize * layout.dataParallelSize;
  if (experts === null || !layout.enableExpertParallel) return 1 / gpus;
  const { numExperts } = experts;
  return Math.ceil((numExperts + layout.numRedundantExperts) / gpus) / numExperts;
}
