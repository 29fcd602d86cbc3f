export { createLogger, loggerOf, parseLogLine } from "./log.ts";
export type { Logger, LoggerOptions, LogLevel, LogLine } from "./log.ts";
export { type Labels, metricsContentType, writeExposition } from "./exposition.ts";
export { Counter, Gauge, Histogram, MetricsRegistry } from "./metrics.ts";
export type {
  CollectedOptions,
  Family,
  GaugeOptions,
  HistogramOptions,
  MetricOptions,
} from "./metrics.ts";
export {
  type FamilySnapshot,
  type MergeRule,
  mergeSnapshots,
  type MetricsSnapshot,
  type Sample,
} from "./snapshot.ts";
