import assert from "node:assert/strict";
import { test } from "node:test";
import { RouterMetrics } from "./metrics.ts";
import { Lease } from "./ranks/lease.ts";
import { RankTable } from "./ranks/rank-table.ts";

test("RouterMetrics.expose() reads load and health of ranks off the table", () => {
  const table = new RankTable([
    { index: 7, url: "http://a" },
    { index: 9, url: "http://b" },
  ]);
  const metrics = new RouterMetrics(table);
  table.note(1, { kind: "ready" }, 1);
  const lease = new Lease(table, 1);
  const text = metrics.expose();
  assert.match(text, /^penstock_router_rank_up\{rank="7",role="both"\} 0$/m);
  assert.match(text, /^penstock_router_rank_up\{rank="9",role="both"\} 1$/m);
  assert.match(text, /^penstock_router_requests_in_flight\{rank="9",role="both"\} 1$/m);
  lease.release();
  assert.match(metrics.expose(), /^penstock_router_requests_in_flight\{rank="9",role="both"\} 0$/m);
});

test("RouterMetrics.ofStatus() counts by class of status", () => {
  const metrics = new RouterMetrics(new RankTable([{ index: 0, url: "http://a" }]));
  for (const status of [200, 204, 302, 404, 502, 0, 999]) metrics.ofStatus(status).add();
  const text = metrics.expose();
  for (const [status, count] of Object.entries({ "2xx": 2, "3xx": 1, "4xx": 1, "5xx": 3 })) {
    assert.ok(
      text.includes(`penstock_router_requests_total{status="${status}"} ${count}\n`),
      status,
    );
  }
});

test("RouterMetrics has time buckets to hours", () => {
  const metrics = new RouterMetrics(new RankTable([{ index: 0, url: "http://a" }]));
  metrics.durationSeconds.observe(7_000);
  assert.match(metrics.expose(), /request_duration_seconds_bucket\{le="7200"\} 1\n/);
});
