import type { ModelShape } from "../../model-facts/mod.ts";
import { prefillFlops } from "./compute-work.ts";
import type { FitSettings } from "./fit-options.ts";
import { kvBytesPerSequence, kvBytesPerSequenceAndGpu } from "./kv-cache-bytes.ts";

/** What moving a prompt's KV cache from a prefill instance to a decode instance asks of the network. */
export interface KvTransfer {
  /** Bytes of the prompt's KV cache, each KV head counted once. */
  readonly bytesPerRequest: number;
  /** Bytes that cross the network: each GPU of the rank fetches its own share, replicated heads included. */
  readonly movedBytes: number;
  /** Of one prompt on the TP GPUs of one rank. */
  readonly prefillSeconds: number;
  /** A rank's prompts come one after the other, so it is the rate that keeps up with twice the speed of prefill. */
  readonly gigabitsPerSecondAndRank: number;
  readonly gigabitsPerSecondAndGpu: number;
}

/** Beyond this share of the prefill time a hand-off costs more than it gains. */
export const transferShareMax = 0.5;

export function kvTransfer(shape: ModelShape, settings: FitSettings): KvTransfer {
  const { inputLength, tensorParallelSize } = settings;
  const prefillSeconds = prefillSecondsOf(shape, settings);
  const movedBytes = kvBytesPerSequenceAndGpu(shape, settings, inputLength) * tensorParallelSize;
  const bitsPerSecond = (movedBytes * 8) / (transferShareMax * prefillSeconds);
  return {
    bytesPerRequest: kvBytesPerSequence(shape, settings, inputLength),
    movedBytes,
    prefillSeconds,
    gigabitsPerSecondAndRank: bitsPerSecond / 1e9,
    gigabitsPerSecondAndGpu: bitsPerSecond / 1e9 / tensorParallelSize,
  };
}

/** Seconds that the TP GPUs of one rank need for one prompt. */
export function prefillSecondsOf(shape: ModelShape, settings: FitSettings): number {
  const flops = prefillFlops(shape, settings.inputLength);
  return flops / (settings.tensorParallelSize * reachedFlopsPerSecond(shape, settings));
}

/** Of one GPU: the peak of the arithmetic that the checkpoint asks for, times the share that is reached. */
export function reachedFlopsPerSecond(
  { quantization }: ModelShape,
  { gpu, flopsUtilization }: FitSettings,
): number {
  const peak = quantization?.isFp8 === true ? gpu.fp8FlopsPerSecond : null;
  return (peak ?? gpu.bf16FlopsPerSecond) * flopsUtilization;
}
