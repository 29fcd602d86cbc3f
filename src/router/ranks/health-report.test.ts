import assert from "node:assert/strict";
import { test } from "node:test";
import { type HealthReport, HealthReports } from "./health-report.ts";
import { trialStates } from "./rank-memory.ts";
import { RankTable } from "./rank-table.ts";

function setUp() {
  const table = new RankTable([
    { index: 0, url: "http://a:1" },
    { index: 1, url: "http://a:2" },
  ]);
  const told: HealthReport[] = [];
  const reports = new HealthReports(table, (report) => told.push(structuredClone(report)));
  return { told, reports, memory: table.memory };
}

test("HealthReports tell what may take a rank out of use, in words for people", () => {
  const { told, reports } = setUp();
  reports.noteUnreachable(1, "ECONNREFUSED");
  reports.noteBroken(0, "its connection ended");
  reports.noteAnswer(1, 503, true);
  assert.deepEqual(told, [
    { kind: "unreachable", slot: 1, reason: "ECONNREFUSED" },
    { kind: "broken", slot: 0, reason: "its connection ended" },
    { kind: "fault", slot: 1, reason: "it answered 503" },
  ]);
});

test("HealthReports only count good answers, but for those of a rank that is tried out", () => {
  const { told, reports, memory } = setUp();
  for (let count = 0; count < 3; count++) reports.noteAnswer(1, 200, false);
  reports.noteHeard(1);
  assert.deepEqual(told, []);
  assert.deepEqual([memory.goodAnswers[0], memory.goodAnswers[1]], [0, 3]);
  assert.deepEqual([memory.heard[0], memory.heard[1]], [0, 1]);
  memory.trials[1] = trialStates.running;
  reports.noteAnswer(1, 404, false);
  assert.deepEqual(told, [{ kind: "good", slot: 1 }]);
});
