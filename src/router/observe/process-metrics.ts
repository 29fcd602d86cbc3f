import type { MetricsRegistry } from "../../telemetry/mod.ts";

/** What the process and this thread of it cost, under the names that all exporters use, read when it is asked for. */
export function addProcessMetrics(registry: MetricsRegistry): void {
  registry.collected(
    {
      name: "process_cpu_seconds",
      help: "User and system CPU time of the process",
      type: "counter",
      merge: "first",
    },
    () => {
      const { user, system } = process.cpuUsage();
      return [["", (user + system) / 1e6]];
    },
  );
  registry.collected(
    {
      name: "process_resident_memory_bytes",
      help: "Memory of the process in RAM",
      type: "gauge",
      merge: "first",
    },
    () => [["", process.memoryUsage.rss()]],
  );
  registry.collected(
    {
      name: "process_start_time_seconds",
      help: "Start of the process since the Unix epoch",
      type: "gauge",
      merge: "first",
    },
    () => [["", performance.timeOrigin / 1_000]],
  );
  registry.collected(
    {
      name: "penstock_router_event_loop_busy_seconds",
      help: "Time in which event loops did not wait, all threads together",
      type: "counter",
    },
    () => [["", performance.eventLoopUtilization().active / 1_000]],
  );
}
