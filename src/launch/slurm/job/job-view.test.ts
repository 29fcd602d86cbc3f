import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan } from "../../../plan/mod.ts";
import type { JobReport } from "./job-report.ts";
import { jobView } from "./job-view.ts";

const plan = {
  nodes: [0, 1].map((index) => ({ index, processes: [{ id: `rank-${index}` }] })),
} as unknown as Plan;

function report(phase: string, endpoints?: object, deployment = "starting"): JobReport {
  const processes = [{ id: "rank-0", phase, restartCount: 0 }];
  const status = { slurm: { node: 0 }, view: { phase: deployment, processes } };
  return { statuses: [status], causes: [], endpoints } as unknown as JobReport;
}

function phasesOf(given: JobReport): readonly string[] {
  const view = jobView(plan, given, "/l");
  return [view.phase, ...view.processes.map(({ phase }) => phase)];
}

test("jobView() lists processes of nodes that have not begun as waiting", () => {
  assert.deepEqual(phasesOf(report("starting")), ["starting", "starting", "waiting"]);
  const waiting = jobView(plan, report("starting"), "/l").processes[1];
  assert.equal(waiting?.waitingFor, "node 1 begins");
  assert.equal(waiting?.logFile, "/l/rank-1.log");
});

test("jobView() believes the endpoints, which are there before the last status files", () => {
  assert.deepEqual(phasesOf(report("starting", {})), ["ready", "ready", "waiting"]);
  assert.deepEqual(phasesOf(report("restarting", {})), ["ready", "restarting", "waiting"]);
});

test("jobView() is coming down as soon as one node is", () => {
  assert.deepEqual(phasesOf(report("ended", {}, "ended")), ["stopping", "ended", "waiting"]);
});
