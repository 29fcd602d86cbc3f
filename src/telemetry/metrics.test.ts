import assert from "node:assert/strict";
import { test } from "node:test";
import { Histogram, labelSetsMax, MetricsRegistry } from "./metrics.ts";

test("MetricsRegistry exposes counters with _total and escaped labels", () => {
  const registry = new MetricsRegistry();
  const requests = registry.counter({ name: "requests", help: "Requests seen" });
  requests.labels({ path: 'a"b\\c\n' }).add(2);
  assert.equal(
    registry.expose(),
    '# HELP requests_total Requests seen\n# TYPE requests_total counter\nrequests_total{path="a\\"b\\\\c\\n"} 2\n',
  );
});

test("MetricsRegistry exposes histograms with cumulative buckets, sum and count", () => {
  const registry = new MetricsRegistry();
  const seconds = registry.histogram({ name: "wait_seconds", help: "Wait", buckets: [0.1, 1] });
  const child = seconds.labels({ engine: "0" });
  for (const value of [0.1, 0.5, 3]) child.observe(value);
  assert.deepEqual(registry.expose().trimEnd().split("\n").slice(2), [
    'wait_seconds_bucket{engine="0",le="0.1"} 1',
    'wait_seconds_bucket{engine="0",le="1"} 2',
    'wait_seconds_bucket{engine="0",le="+Inf"} 3',
    'wait_seconds_sum{engine="0"} 3.6',
    'wait_seconds_count{engine="0"} 3',
  ]);
});

test("MetricsRegistry refuses a second metric of the same name", () => {
  const registry = new MetricsRegistry();
  registry.gauge({ name: "load", help: "Load" });
  assert.throws(() => registry.gauge({ name: "load", help: "Load" }), TypeError);
});

test("Family.labels() sends updates to one overflow child at its limit", () => {
  const registry = new MetricsRegistry();
  const gauge = registry.gauge({ name: "load", help: "Load" });
  for (let index = 0; index < labelSetsMax + 10; index++)
    gauge.labels({ session: `${index}` }).set(1);
  assert.equal([...gauge.entries()].length, labelSetsMax + 1);
  assert.match(registry.expose(), /load\{overflow="true"\} 1/);
});

test("Histogram.observe() counts a value at a bound below it, and any other in the first bucket above", () => {
  const bounds = [1, 2, 5, 10, 20, 50, 100];
  for (let length = 0; length <= bounds.length; length++) {
    const buckets = bounds.slice(0, length);
    for (const value of [-1, 0, 0.5, ...bounds, ...bounds.map((bound) => bound + 0.5), Infinity]) {
      const histogram = new Histogram(buckets);
      histogram.observe(value);
      const above = buckets.findIndex((bound) => value <= bound);
      assert.equal(histogram.counts.indexOf(1), above === -1 ? length : above);
    }
  }
});

test("MetricsRegistry.collected() reads numbers when they are asked for", () => {
  const registry = new MetricsRegistry();
  const loads = new Map([["0", 1]]);
  registry.collected({ name: "load", help: "Load", type: "gauge" }, () =>
    [...loads].map(([rank, load]) => [`rank="${rank}"`, load] as const),
  );
  loads.set("1", 2);
  const head = "# HELP load Load\n# TYPE load gauge\n";
  assert.equal(registry.expose(), `${head}load{rank="0"} 1\nload{rank="1"} 2\n`);
  loads.clear();
  assert.equal(registry.expose(), head);
});
