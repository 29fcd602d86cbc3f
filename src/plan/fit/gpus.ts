/** What a sheet of paper says about a GPU; FLOP/s are of dense tensor cores, without sparsity. */
export interface GpuFacts {
  readonly name: string;
  /** Total memory as CUDA reports it, a little less than the name says. */
  readonly memoryBytes: number;
  readonly memoryBytesPerSecond: number;
  readonly bf16FlopsPerSecond: number;
  /** Null where the GPU computes FP8 no faster than BF16. */
  readonly fp8FlopsPerSecond: number | null;
  /** What vLLM's API server takes for --max-num-batched-tokens and --max-num-seqs on it when not told. */
  readonly maxNumBatchedTokens: number;
  readonly maxNumSeqs: number;
}

export const gpuNames = [
  "A100",
  "A100-40GB",
  "B200",
  "H100",
  "H200",
  "L4",
  "L40S",
  "MI300X",
] as const;

export type GpuName = (typeof gpuNames)[number];

const gib = 2 ** 30;
const tera = 1e12;
const large = { maxNumBatchedTokens: 8_192, maxNumSeqs: 1_024 };
const largest = { maxNumBatchedTokens: 16_384, maxNumSeqs: 1_024 };
const other = { maxNumBatchedTokens: 2_048, maxNumSeqs: 256 };

/** The SXM or OAM form of each; from the makers' data sheets, memory from what the drivers report. */
export const gpus: Readonly<Record<GpuName, GpuFacts>> = {
  A100: gpu("A100", [79.1, 2.039, 312, null], other),
  "A100-40GB": gpu("A100-40GB", [39.3, 1.555, 312, null], other),
  B200: gpu("B200", [178.3, 8, 2_250, 4_500], largest),
  H100: gpu("H100", [79.1, 3.35, 989.4, 1_978.9], large),
  H200: gpu("H200", [139.7, 4.8, 989.4, 1_978.9], large),
  L4: gpu("L4", [22, 0.3, 121, 242.5], other),
  L40S: gpu("L40S", [44.3, 0.864, 362, 733], other),
  MI300X: gpu("MI300X", [191.9, 5.3, 1_307.4, 2_614.9], largest),
};

/** GiB, TB/s, TFLOP/s in BF16 and in FP8. */
type Sheet = readonly [memory: number, bandwidth: number, bf16: number, fp8: number | null];

function gpu(
  name: GpuName,
  [memory, bandwidth, bf16, fp8]: Sheet,
  batch: Pick<GpuFacts, "maxNumBatchedTokens" | "maxNumSeqs">,
): GpuFacts {
  return {
    name,
    memoryBytes: Math.round(memory * gib),
    memoryBytesPerSecond: bandwidth * tera,
    bf16FlopsPerSecond: bf16 * tera,
    fp8FlopsPerSecond: fp8 === null ? null : fp8 * tera,
    ...batch,
  };
}
