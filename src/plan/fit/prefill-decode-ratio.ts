import type { ModelShape } from "../../model-facts/mod.ts";
import { decodeFlops } from "./compute-work.ts";
import type { FitSettings } from "./fit-options.ts";
import { kvBytesPerSequenceAndGpu } from "./kv-cache-bytes.ts";
import { prefillSecondsOf, reachedFlopsPerSecond } from "./kv-transfer.ts";
import { activeExpertShare } from "./parameter-count.ts";
import type { WeightBytes } from "./weight-bytes.ts";

/** How GPUs are best shared between prefill and decode, for requests of one length. */
export interface PrefillDecodeRatio {
  /** Small whole numbers: so many GPUs prefill for so many that decode. */
  readonly prefill: number;
  readonly decode: number;
  /** GPU seconds of one request in each phase; their quotient is the ratio before it is rounded. */
  readonly prefillGpuSeconds: number;
  readonly decodeGpuSeconds: number;
  /** Sequences that a rank decodes together. */
  readonly batchSize: number;
  readonly stepSeconds: number;
  readonly stepLimit: "memory bandwidth" | "FLOP/s";
}

const sideMax = 8;
/** One more on either side must bring the ratio 2 % closer. */
const simplicityWeight = 0.02;

/**
 * Null where not one request fits. In a steady state both phases serve the same requests a second, so
 * `prefill GPUs : decode GPUs = prefill GPU seconds : decode GPU seconds` of one request, where
 * decode GPU seconds = `output tokens × step seconds × TP / batch`, and a step takes as long as the slower of reading
 * weights and KV cache and of computing.
 */
export function prefillDecodeRatio(
  shape: ModelShape,
  settings: FitSettings,
  fitted: { readonly weights: WeightBytes; readonly requestsPerRank: number },
): PrefillDecodeRatio | null {
  const batchSize = Math.min(settings.maxNumSeqs, fitted.requestsPerRank);
  if (batchSize === 0) return null;
  const { tensorParallelSize, outputLength } = settings;
  const read = readSeconds(shape, settings, { weights: fitted.weights, batchSize });
  const compute = computeSeconds(shape, settings, batchSize);
  const stepSeconds = Math.max(read, compute);
  const prefillGpuSeconds = prefillSecondsOf(shape, settings) * tensorParallelSize;
  const decodeGpuSeconds = (outputLength * stepSeconds * tensorParallelSize) / batchSize;
  return {
    ...wholeRatio(prefillGpuSeconds / decodeGpuSeconds),
    prefillGpuSeconds,
    decodeGpuSeconds,
    batchSize,
    stepSeconds,
    stepLimit: read >= compute ? "memory bandwidth" : "FLOP/s",
  };
}

/** A request's context while it decodes, on average. */
function meanContext({ inputLength, outputLength }: FitSettings): number {
  return Math.round(inputLength + outputLength / 2);
}

function readSeconds(
  shape: ModelShape,
  settings: FitSettings,
  { weights, batchSize }: { readonly weights: WeightBytes; readonly batchSize: number },
): number {
  const { groups } = weights;
  const isTied = shape.tieWordEmbeddings;
  // Of the embedding a step reads a few rows, unless it is the LM head too.
  const always = weights.total - groups["routed experts"] - (isTied ? 0 : groups["embedding"]);
  const experts = groups["routed experts"] * hitExpertShare(shape, settings, batchSize);
  const kv = batchSize * kvBytesPerSequenceAndGpu(shape, settings, meanContext(settings));
  const bytesPerSecond = settings.gpu.memoryBytesPerSecond * settings.bandwidthUtilization;
  return (always + experts + kv) / bytesPerSecond;
}

/** Share of the experts that at least one token of the step is routed to, if each is as likely as any other. */
function hitExpertShare(shape: ModelShape, settings: FitSettings, batchSize: number): number {
  return 1 - (1 - activeExpertShare(shape)) ** (batchSize * settings.dataParallelSize);
}

function computeSeconds(shape: ModelShape, settings: FitSettings, batchSize: number): number {
  const flops = batchSize * decodeFlops(shape, meanContext(settings));
  return flops / (settings.tensorParallelSize * reachedFlopsPerSecond(shape, settings));
}

/** The closest of the ratios up to 8 on each side, a simpler one where it is nearly as close; beyond them n : 1 or 1 : n. */
export function wholeRatio(ratio: number): { readonly prefill: number; readonly decode: number } {
  if (ratio > sideMax) return { prefill: Math.round(ratio), decode: 1 };
  if (ratio < 1 / sideMax) return { prefill: 1, decode: Math.round(1 / ratio) };
  const sides = Array.from({ length: sideMax }, (_, index) => index + 1);
  const distance = (prefill: number, decode: number) =>
    Math.abs(Math.log(prefill / decode / ratio)) + simplicityWeight * (prefill + decode);
  return sides
    .flatMap((prefill) => sides.map((decode) => ({ prefill, decode })))
    .reduce((best, next) =>
      distance(next.prefill, next.decode) < distance(best.prefill, best.decode) ? next : best,
    );
}
