export { createLogger, parseLogLine } from "./log.ts";
export type { Logger, LoggerOptions, LogLevel, LogLine } from "./log.ts";
export { Counter, Gauge, Histogram, MetricsRegistry, metricsContentType } from "./metrics.ts";
export type { Family, HistogramOptions, Labels, MetricOptions } from "./metrics.ts";
