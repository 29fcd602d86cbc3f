import type { FitReport, WeightGroup } from "../../plan/mod.ts";
import { formatBytes, formatScaled } from "./format-bytes.ts";

/** A report for people: what follows from what, a fact a line, the assumptions at the end. */
export function formatFit(report: FitReport): string {
  const { architecture, settings, fits } = report;
  const { tensorParallelSize: tp, dataParallelSize: dp, gpu } = settings;
  const ep = settings.enableExpertParallel ? " with expert parallelism" : "";
  const model = architecture === "unknown" ? "The model" : architecture;
  const verdict = fits ? "fits" : "does not fit";
  return [
    `${model} ${verdict} ${tp * dp} × ${gpu.name}, TP ${tp} × DP ${dp}${ep}`,
    ...list("Problems", report.problems),
    ...table("Weights", weightRows(report)),
    ...table("Memory of a GPU", memoryRows(report)),
    ...table("KV cache", kvCacheRows(report)),
    ...table("Prefill on other machines than decode", transferRows(report)),
    ...list("Assumptions", report.assumptions),
    "",
  ].join("\n");
}

type Row = readonly [label: string, ...values: string[]];

function weightRows({ parameters, weights }: FitReport): readonly Row[] {
  const groups = Object.entries(parameters.groups) as [WeightGroup, number][];
  return [
    ["", "parameters", "bytes on a GPU"],
    ...groups
      .filter(([, elements]) => elements > 0)
      .map(([group, elements]): Row => {
        return [group, formatCount(elements), formatBytes(weights.perGpu.groups[group])];
      }),
    ["all", formatCount(parameters.total), formatBytes(weights.perGpu.total)],
    ["active for a token", formatCount(parameters.active)],
    ["one copy", "", formatBytes(weights.totalBytes)],
  ];
}

function memoryRows({ memory, settings }: FitReport): readonly Row[] {
  return [
    ["GPU", formatBytes(memory.gpuMemoryBytes)],
    [`may be used (${settings.gpuMemoryUtilization})`, formatBytes(memory.usableBytes)],
    ["weights", formatBytes(memory.weightBytes)],
    ["reserve", formatBytes(memory.reserveBytes)],
    ["left for the KV cache", formatBytes(memory.kvCacheBytes)],
  ];
}

function kvCacheRows({ kvCache, capacity, settings }: FitReport): readonly Row[] {
  const { copies, windowBytesMax } = kvCache;
  const rank = settings.dataParallelSize > 1 ? " of a rank" : "";
  const request = `requests of ${formatInteger(capacity.requestLength)} tokens`;
  return [
    [
      windowBytesMax > 0 ? "each token beyond the windows" : "each token",
      formatBytes(kvCache.bytesPerToken),
    ],
    ...(windowBytesMax > 0
      ? [["sliding windows, at most", formatBytes(windowBytesMax)] as const]
      : []),
    ...(copies > 1 ? [["copies within a rank", formatInteger(copies)] as const] : []),
    [`blocks of ${settings.blockSize} tokens${rank}`, formatInteger(capacity.blocks)],
    [`tokens${rank}`, formatInteger(capacity.tokens)],
    [`${request}${rank}`, formatInteger(capacity.requestsPerRank)],
    ...(rank === "" ? [] : [[request, formatInteger(capacity.requests)] as const]),
    ["one of them, on a GPU", formatBytes(capacity.requestBytesPerGpu)],
  ];
}

function transferRows({ transfer, ratio, settings }: FitReport): readonly Row[] {
  const prompt = `${formatInteger(settings.inputLength)} tokens`;
  const answer = `${formatInteger(settings.outputLength)} tokens`;
  return [
    [`KV cache of a prompt of ${prompt}`, formatBytes(transfer.bytesPerRequest)],
    ["of it over the network", formatBytes(transfer.movedBytes)],
    ["prefill of it on one rank", formatSeconds(transfer.prefillSeconds)],
    ["network that each rank needs", formatRate(transfer.gigabitsPerSecondAndRank)],
    ["network that each GPU needs", formatRate(transfer.gigabitsPerSecondAndGpu)],
    ...(ratio === null
      ? []
      : [
          ["decoded together by a rank", formatInteger(ratio.batchSize)] as const,
          [`decode step, bound by ${ratio.stepLimit}`, formatSeconds(ratio.stepSeconds)] as const,
          [`prefill of ${prompt}`, `${formatSeconds(ratio.prefillGpuSeconds)} of a GPU`] as const,
          [`decode of ${answer}`, `${formatSeconds(ratio.decodeGpuSeconds)} of a GPU`] as const,
          ["prefill GPUs : decode GPUs", `${ratio.prefill} : ${ratio.decode}`] as const,
        ]),
  ];
}

function table(title: string, rows: readonly Row[]): readonly string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map(([label, ...values]) => {
    const cells = values.map((value, index) => value.padStart(widths[index + 1] ?? 0));
    return `  ${[label.padEnd(widths[0] ?? 0), ...cells].join("  ")}`.trimEnd();
  });
  return ["", title, ...lines];
}

function list(title: string, sentences: readonly string[]): readonly string[] {
  return sentences.length === 0 ? [] : ["", title, ...sentences.map((line) => `  - ${line}`)];
}

const countUnits = ["", " K", " M", " B", " T"];

function formatCount(count: number): string {
  return formatScaled(count, countUnits, "");
}

function formatInteger(value: number): string {
  return value.toLocaleString("en-US");
}

function formatSeconds(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1_000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}

function formatRate(gigabits: number): string {
  return `${gigabits.toFixed(1)} Gbit/s`;
}
