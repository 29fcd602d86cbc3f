/** Health checks whose answers come late, twice or out of order: what is known from later stands. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createLogger } from "../../telemetry/mod.ts";
import { TimerClock } from "../test-support/timer-clock.ts";
import { defaultHealthOptions, HealthChecks } from "./health-checks.ts";
import type { HealthSign } from "./rank-health.ts";
import { RankTable } from "./rank-table.ts";

const ready: HealthSign = { kind: "ready" };
const refused: HealthSign = { kind: "unreachable", reason: "ECONNREFUSED" };
const { downIntervalMs, upIntervalMs } = defaultHealthOptions;

/** A rank whose probes are answered by hand, as often as one likes. */
function setUp() {
  const clock = new TimerClock();
  const logger = createLogger({ name: "router", format: "json", write: () => undefined });
  const table = new RankTable([{ index: 0, url: "http://a:1" }]);
  const probes: ((sign: HealthSign) => void)[] = [];
  const checks = new HealthChecks(table, defaultHealthOptions, {
    clock,
    random: () => 0,
    logger,
    probe: (_address, _timeoutMs, onSign) => {
      probes.push(onSign);
      return () => undefined; // A late answer comes all the same.
    },
  });
  checks.start();
  return { clock, table, probes, checks };
}

test("HealthChecks take an answer that came twice once", () => {
  const { clock, table, probes } = setUp();
  probes[0]!(ready);
  clock.pass(upIntervalMs);
  probes[1]!(refused);
  probes[0]!(ready);
  assert.equal(table.livingCount, 0);
  clock.pass(downIntervalMs);
  probes[2]!(ready);
  probes[1]!(refused);
  assert.equal(table.livingCount, 1);
  assert.equal(clock.timerCount, 1);
});

test("HealthChecks do not believe a good answer to a probe that began before a request found nobody there", () => {
  const { clock, table, probes, checks } = setUp();
  probes[0]!(ready);
  clock.pass(upIntervalMs);
  checks.take({ kind: "unreachable", slot: 0, reason: "ECONNREFUSED" });
  probes[1]!(ready);
  assert.equal(table.livingCount, 0);
  assert.equal(probes.length, 3); // It asks again at once.
  probes[2]!(ready);
  assert.equal(table.livingCount, 1);
});

test("HealthChecks do not take an answer of before a rank was removed for one of its successor", () => {
  const { clock, table, probes } = setUp();
  table.remove(0);
  table.add({ index: 0, url: "http://b:1" }, 0);
  probes[0]!(ready);
  assert.equal(table.livingCount, 0);
  probes[1]!(ready);
  assert.equal(table.livingCount, 1);
  table.remove(0);
  assert.equal(clock.timerCount, 0);
});

test("HealthChecks probe a rank that a request doubts at once, one probe at a time", () => {
  const { table, probes, checks } = setUp();
  probes[0]!(ready);
  for (let count = 0; count < 4; count++) {
    checks.take({ kind: "broken", slot: 0, reason: "ECONNRESET" });
  }
  assert.equal(probes.length, 2);
  const count = table.readyCounts[0];
  probes[1]!(ready); // Of the time before the later three broke off.
  assert.equal(table.readyCounts[0], count);
  probes[2]!(ready);
  assert.equal(table.readyCounts[0], count! + 1);
});

test("HealthChecks say of a rank what the newest moment says that they know of, whatever comes late", () => {
  const anyStep = fc.record({
    kind: fc.constantFrom("answer", "unreachable", "pass"),
    which: fc.nat({ max: 3 }),
    isReady: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const { clock, table, probes, checks } = setUp();
      /** By probe: the moment that it tells of. Moments count probes begun and requests failed. */
      const beganAt = [0];
      let moment = 1;
      let newest = { moment: -1, lives: false };
      for (const { kind, which, isReady } of steps) {
        if (kind === "pass") clock.pass(upIntervalMs);
        else if (kind === "unreachable") {
          checks.take({ kind: "unreachable", slot: 0, reason: "x" });
          newest = { moment: moment++, lives: false };
        } else {
          const probe = probes.length - 1 - which;
          if (probe < 0) continue;
          const isNews = beganAt[probe]! > newest.moment;
          probes[probe]!(isReady ? ready : refused);
          if (isNews) newest = { moment: beganAt[probe]!, lives: isReady };
        }
        while (beganAt.length < probes.length) beganAt.push(moment++);
        assert.equal(table.livingCount === 1, newest.lives);
      }
      checks.close();
      assert.equal(clock.timerCount, 0);
    }),
  );
});
