import assert from "node:assert/strict";
import { test } from "node:test";
import { labelSetsMax, MetricsRegistry } from "./metrics.ts";

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
