import type { ModelShape } from "../../model-facts/mod.ts";
import type { FitSettings } from "./fit-options.ts";
import { transferShareMax } from "./kv-transfer.ts";

/** What the figures of a report rest on, one sentence each, without a full stop. */
export function fitAssumptions(shape: ModelShape, settings: FitSettings): readonly string[] {
  return [
    ...weightAssumptions(shape, settings),
    ...kvCacheAssumptions(shape, settings),
    reserveAssumption(settings),
    ...timeAssumptions(shape, settings),
  ];
}

function weightAssumptions(shape: ModelShape, settings: FitSettings): readonly string[] {
  const { quantization } = shape;
  const lines: string[] = [];
  if (quantization === null)
    lines.push(
      shape.dtype === "float32"
        ? "Weights: float32 in the checkpoint, loaded in 16 bits as vLLM's --dtype auto does"
        : `Weights: ${shape.dtype}, 2 bytes each`,
    );
  else
    lines.push(
      `Weights: ${quantization.method}, ${round(quantization.bitsPerWeight)} bits in ${quantization.covers === "experts" ? "routed experts" : "attention and MLPs"} with scales, 2 bytes elsewhere`,
    );
  if (shape.experts !== null)
    lines.push(
      settings.enableExpertParallel
        ? "Experts: whole ones on each of the TP × DP GPUs; attention, dense MLPs and shared experts are cut by TP and repeated in each DP rank"
        : "Experts: each cut over all TP × DP GPUs, as vLLM does without expert parallelism",
    );
  return lines;
}

function kvCacheAssumptions(shape: ModelShape, settings: FitSettings): readonly string[] {
  const hasWindows = shape.layerMemories.some(({ kind }) => kind === "window");
  if (!hasWindows) return [];
  return [
    settings.hybridKvCache
      ? "Sliding windows: those layers keep their window only (vLLM's hybrid KV cache manager is on); blocks are counted as if every layer kept all"
      : "Sliding windows: every layer keeps all tokens (vLLM's hybrid KV cache manager is off)",
  ];
}

function reserveAssumption(settings: FitSettings): string {
  if (settings.reserveBytes !== null) return "Reserve: as given";
  return `Reserve: 1.5 GiB for CUDA, NCCL and graphs, the activations of ${settings.maxNumBatchedTokens} batched tokens and the logits of ${settings.maxNumSeqs} sequences; all2all buffers of expert parallelism are not in it`;
}

function timeAssumptions(shape: ModelShape, settings: FitSettings): readonly string[] {
  const { gpu, flopsUtilization, bandwidthUtilization } = settings;
  const isFp8 = shape.quantization?.isFp8 === true && gpu.fp8FlopsPerSecond !== null;
  const peak = (isFp8 ? gpu.fp8FlopsPerSecond : null) ?? gpu.bf16FlopsPerSecond;
  return [
    `Prefill: ${round(peak / 1e12)} TFLOP/s (${gpu.name}, dense ${isFp8 ? "FP8" : "BF16"}) × ${flopsUtilization} a GPU; the whole prompt is computed, nothing comes from the prefix cache`,
    `Network: the KV cache of a prompt is to cross in ${transferShareMax} of its prefill time`,
    `Decode: ${round(gpu.memoryBytesPerSecond / 1e12)} TB/s × ${bandwidthUtilization} a GPU; a rank decodes as many requests as fit, at most ${settings.maxNumSeqs}; every expert is as likely as any other`,
    "Ratio: prefill GPUs : decode GPUs = prefill GPU seconds : decode GPU seconds of one request; decode = output tokens × step time × TP / batch; both phases on the same GPUs with the same layout",
  ];
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
