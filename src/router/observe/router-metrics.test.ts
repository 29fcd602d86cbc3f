import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Observer } from "./observer.ts";
import { ManualClock } from "../test-support/manual-clock.ts";
import { reasonOfStatus, refusalReasons } from "./outcomes.ts";
import { noSources, rankOf } from "../test-support/traced-requests.ts";
import { countStatus, RouterMetrics } from "./router-metrics.ts";

test("RouterMetrics.expose() reads load and health of ranks at that moment", () => {
  const ranks = [rankOf({ index: 7, state: "down" })];
  const metrics = new RouterMetrics({ ...noSources, ranks: () => ranks });
  assert.match(metrics.expose(), /^penstock_router_rank_up\{rank="7",role="both"\} 0$/m);
  ranks[0] = rankOf({ index: 9, inFlight: 3, prefilling: 1, decoding: 2, streams: 2 });
  const text = metrics.expose();
  assert.match(text, /^penstock_router_rank_up\{rank="9",role="both"\} 1$/m);
  assert.match(text, /^penstock_router_requests_in_flight\{rank="9",role="both"\} 3$/m);
  for (const [work, count] of Object.entries({ prefilling: 1, decoding: 2, streams: 2 })) {
    const labels = `rank="9",role="both",work="${work}"`;
    assert.ok(text.includes(`penstock_router_leases{${labels}} ${count}\n`), work);
  }
  assert.doesNotMatch(text, /rank="7"/);
});

test("RouterMetrics counts answers by class of status", () => {
  const metrics = new RouterMetrics(noSources);
  const route = metrics.ofRoute("other");
  for (const status of [200, 204, 302, 404, 502, 0, -1, 999]) countStatus(route, status);
  const text = metrics.expose();
  for (const [status, count] of Object.entries({ "2xx": 2, "3xx": 1, "4xx": 1, "5xx": 4 })) {
    assert.ok(
      text.includes(`penstock_router_requests_total{route="other",status="${status}"} ${count}\n`),
      status,
    );
  }
});

test("RouterMetrics has time buckets to hours", () => {
  const metrics = new RouterMetrics(noSources);
  metrics.ofRoute("/v1/completions").durationSeconds.observe(7_000);
  assert.match(
    metrics.expose(),
    /request_duration_seconds_bucket\{route="\/v1\/completions",le="7200"\} 1\n/,
  );
});

test("RouterMetrics of several threads say together what all of them counted", () => {
  const ranks = [rankOf({ inFlight: 5 })];
  const threads = [1, 2].map(
    (count) =>
      new RouterMetrics({ ...noSources, ranks: () => ranks, connectionCount: () => count }),
  );
  for (const [index, metrics] of threads.entries()) {
    metrics.sentBytes.add(10);
    metrics.ofRoute(index === 0 ? "/tokenize" : "other").firstByteSeconds.observe(1);
    metrics.rankCounts.of(0).requestCount += 3;
  }
  const others = threads.slice(1).map((metrics) => structuredClone(metrics.snapshot()));
  const text = threads[0]!.expose(others);
  for (const line of [
    "sent_bytes_total 20",
    "connections 3",
    'first_byte_seconds_count{route="/tokenize"} 1',
    'first_byte_seconds_count{route="other"} 1',
    'rank_requests_total{rank="0"} 6',
    'requests_in_flight{rank="0",role="both"} 5',
  ]) {
    assert.ok(text.includes(`\npenstock_router_${line}\n`), line);
  }
  assert.equal(text.match(/^process_resident_memory_bytes \d+$/gm)?.length, 1);
});

test("RouterMetrics makes no series out of what clients write", () => {
  const metrics = new RouterMetrics(noSources);
  const observer = new Observer({ clock: new ManualClock(), metrics });
  observer.begin({ requestId: "", clientAddress: "", method: "", path: "/x" }).complete();
  const before = metrics.expose().split("\n").length;
  for (let number = 0; number < 100; number++) {
    const text = `"}\n${number}`;
    const request = { requestId: text, clientAddress: text, method: text, path: text };
    observer.begin(request).complete();
    observer.refuse(400, reasonOfStatus(number), request);
  }
  assert.equal(metrics.expose().split("\n").length, before);
  assert.doesNotMatch(metrics.expose(), /\{[^}]*99/);
  const counted = refusalReasons.map((reason) => metrics.refusals[reason].value);
  assert.equal(
    counted.reduce((sum, count) => sum + count, 0),
    100,
  );
});

test("RouterMetrics exposes what the guide to observing lists, and nothing else", () => {
  const guide = readFileSync(new URL("../../../docs/guides/observing.md", import.meta.url), "utf8");
  const listed = [...guide.matchAll(/^\| `([a-z_]+)` +\|/gm)].map((match) => match[1]);
  const exposed = [...new RouterMetrics(noSources).expose().matchAll(/^# TYPE (\S+)/gm)].map(
    (match) => match[1],
  );
  assert.deepEqual(new Set(listed), new Set(exposed));
});
