import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { writeExposition } from "./exposition.ts";
import { MetricsRegistry } from "./metrics.ts";
import { mergeSnapshots, type MetricsSnapshot } from "./snapshot.ts";

function registryOf(thread: number): MetricsRegistry {
  const registry = new MetricsRegistry();
  const requests = registry.counter({ name: "requests", help: "Requests" });
  requests.labels({ path: "a" }).add(thread);
  requests.labels({ path: `only ${thread}` }).add(10);
  registry.gauge({ name: "queued", help: "Queued" }).labels().set(thread);
  const shared = { name: "leases", help: "Leases", merge: "first" } as const;
  registry.gauge(shared).labels().set(thread);
  const histogram = registry.histogram({ name: "wait", help: "Wait", buckets: [1, 2] }).labels();
  histogram.observe(thread);
  histogram.observe(5);
  return registry;
}

test("mergeSnapshots() adds counters, histograms and gauges, and takes those of the process from the first", () => {
  const merged = mergeSnapshots([1, 2].map((thread) => registryOf(thread).snapshot()));
  assert.deepEqual(writeExposition(merged).split("\n"), [
    "# HELP requests_total Requests",
    "# TYPE requests_total counter",
    'requests_total{path="a"} 3',
    'requests_total{path="only 1"} 10',
    'requests_total{path="only 2"} 10',
    "# HELP queued Queued",
    "# TYPE queued gauge",
    "queued 3",
    "# HELP leases Leases",
    "# TYPE leases gauge",
    "leases 1",
    "# HELP wait Wait",
    "# TYPE wait histogram",
    'wait_bucket{le="1"} 1',
    'wait_bucket{le="2"} 2',
    'wait_bucket{le="+Inf"} 4',
    "wait_sum 13",
    "wait_count 4",
    "",
  ]);
});

test("mergeSnapshots() leaves what it is given as it was, and one snapshot says what its registry does", () => {
  const registry = registryOf(3);
  const snapshot = registry.snapshot();
  const before = structuredClone(snapshot);
  mergeSnapshots([snapshot, snapshot]);
  assert.deepEqual(snapshot, before);
  assert.equal(writeExposition(mergeSnapshots([snapshot])), registry.expose());
  assert.deepEqual(mergeSnapshots([]), []);
});

test("MetricsSnapshot comes whole from another thread", async () => {
  const source = `require("node:worker_threads").parentPort.once("message", (it) => require("node:worker_threads").parentPort.postMessage(it))`;
  const worker = new Worker(source, { eval: true });
  const snapshot = registryOf(4).snapshot();
  const returned = new Promise<MetricsSnapshot>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  worker.postMessage(snapshot);
  assert.deepEqual(await returned, snapshot);
  await worker.terminate();
});

test("mergeSnapshots() refuses families of one name that are not the same", () => {
  const histogramOf = (buckets: readonly number[]) => {
    const registry = new MetricsRegistry();
    registry.histogram({ name: "wait", help: "Wait", buckets }).labels();
    return registry.snapshot();
  };
  const gauges = new MetricsRegistry();
  gauges.gauge({ name: "wait", help: "Wait" });
  for (const other of [histogramOf([1, 3]), histogramOf([1]), gauges.snapshot()]) {
    assert.throws(() => mergeSnapshots([histogramOf([1, 2]), other]), TypeError);
  }
});
