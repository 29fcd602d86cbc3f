import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeSnapshots, MetricsRegistry, writeExposition } from "../../telemetry/mod.ts";
import { metricOf } from "../test-support/metric-of.ts";
import { addProcessMetrics } from "./process-metrics.ts";

test("addProcessMetrics() tells what the process costs, once for all of its threads", () => {
  const registries = [new MetricsRegistry(), new MetricsRegistry()];
  for (const registry of registries) addProcessMetrics(registry);
  const text = writeExposition(mergeSnapshots(registries.map((registry) => registry.snapshot())));
  const { user, system } = process.cpuUsage();
  const cpuSeconds = metricOf(text, "process_cpu_seconds_total");
  assert.ok(cpuSeconds > 0 && cpuSeconds <= (user + system) / 1e6);
  const residentBytes = metricOf(text, "process_resident_memory_bytes");
  assert.ok(residentBytes > 1e6 && residentBytes < 1e11);
  const startSeconds = metricOf(text, "process_start_time_seconds");
  assert.ok(Math.abs(startSeconds - Date.now() / 1_000) < 3_600);
  assert.ok(metricOf(text, "penstock_router_event_loop_busy_seconds_total") >= 0);
});
