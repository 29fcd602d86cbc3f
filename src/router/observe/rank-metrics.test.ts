import assert from "node:assert/strict";
import { test } from "node:test";
import { MetricsRegistry } from "../../telemetry/mod.ts";
import { rankOf } from "../test-support/traced-requests.ts";
import { addRankMetrics, RankCounts } from "./rank-metrics.ts";

test("addRankMetrics() tells in which state a rank is, and one that leaves together with its successor", () => {
  const ranks = [
    rankOf({ index: 1, state: "quarantined" }),
    rankOf({ index: 2, state: "draining", inFlight: 3 }),
    rankOf({ index: 2, inFlight: 4 }),
  ];
  const registry = new MetricsRegistry();
  addRankMetrics(registry, () => ranks, new RankCounts());
  const text = registry.expose();
  for (const line of [
    'rank_up{rank="1",role="both"} 0',
    'rank_quarantined{rank="1",role="both"} 1',
    'rank_up{rank="2",role="both"} 1',
    'rank_draining{rank="2",role="both"} 1',
    'requests_in_flight{rank="2",role="both"} 7',
  ]) {
    assert.ok(text.includes(`\npenstock_router_${line}\n`), line);
  }
});

test("RankCounts forgets ranks that are gone", () => {
  const ranks = [rankOf({ index: 8 }), rankOf({ index: 9 })];
  const counts = new RankCounts();
  const registry = new MetricsRegistry();
  addRankMetrics(registry, () => ranks, counts);
  counts.of(7).requestCount += 3;
  counts.of(8).errorCount += 1;
  const text = registry.expose();
  assert.doesNotMatch(text, /rank="7"/);
  assert.match(text, /^penstock_router_rank_requests_total\{rank="8"\} 0$/m);
  assert.match(text, /^penstock_router_rank_errors_total\{rank="8"\} 1$/m);
});
