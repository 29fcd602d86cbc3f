import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobSnapshot } from "../../launch/mod.ts";
import type { Plan } from "../../plan/mod.ts";
import { JobScreen } from "./job-screen.ts";

const plan = {
  engine: "embedded",
  model: { name: "m", servedModelNames: ["m"], source: "/m" },
  instances: [],
  nodes: [{ index: 0, processes: [{ id: "rank-0", kind: "engine" }] }],
  endpoints: { client: ["http://{node:0}:8000"], ranks: ["http://{node:0}:8100"] },
  warnings: [],
} as unknown as Plan;

function makeScreen() {
  const lines: string[] = [];
  const screen = new JobScreen({
    jobId: "12",
    plan,
    outputDirectory: "/o",
    access: { key: null, certificateFile: null },
    progressScreen: { write: (line: string) => lines.push(line.trimEnd()) },
    tell: (line) => lines.push(line),
    print: (text) => lines.push(text),
    onCtrlC: "leaves it running",
  });
  return { screen, lines };
}

function snapshot(state: string, phase?: string, change: object = {}): JobSnapshot {
  const stage = state === "PENDING" ? "queued" : state === "RUNNING" ? "running" : "ended";
  const facts = { jobId: "12", state, stage, nodeList: "x0", reason: undefined, restartCount: 0 };
  const processes = [{ id: "rank-0", phase, restartCount: 0 }];
  const statuses = phase === undefined ? [] : [{ slurm: { node: 0 }, view: { phase, processes } }];
  const report = { statuses, causes: [], endpoints: undefined };
  return { facts, report, trouble: undefined, ...change } as unknown as JobSnapshot;
}

test("JobScreen says each thing once, and shows where the deployment serves", () => {
  const { screen, lines } = makeScreen();
  const endpoints = { client: ["http://10.0.0.1:8000"], ranks: ["http://10.0.0.1:8100"] };
  const { facts, report } = snapshot("RUNNING", "ready");
  const ready = {
    facts,
    report: { ...report, endpoints },
    trouble: undefined,
  } as unknown as JobSnapshot;
  for (const seen of [
    snapshot("PENDING"),
    snapshot("PENDING"),
    snapshot("RUNNING"),
    snapshot("RUNNING", "starting"),
    ready,
    ready,
  ])
    screen.show(seen);
  assert.deepEqual(lines.slice(0, 4), [
    "Job 12 is queued",
    "Job 12 runs on x0",
    "rank-0: starting",
    "rank-0: ready",
  ]);
  assert.equal(lines.length, 5);
  assert.match(lines[4]!, /Endpoint {2}http:\/\/10\.0\.0\.1:8000\/v1/);
  assert.match(lines[4]!, /Ctrl-C leaves it running; penstock status 12/);
});

test("JobScreen says that a job was put back into the queue, and begins anew", () => {
  const { screen, lines } = makeScreen();
  screen.show(snapshot("RUNNING", "ready"));
  const { facts, report } = snapshot("PENDING");
  screen.show({ facts: { ...facts!, restartCount: 1 }, report, trouble: undefined });
  assert.deepEqual(lines.slice(-2), [
    "Job 12 was put back into the queue",
    "Job 12 is queued (run 2)",
  ]);
});

test("JobScreen tells once that Slurm does not answer", () => {
  const { screen, lines } = makeScreen();
  const silent = snapshot("RUNNING", undefined, { trouble: "No answer" });
  screen.show(silent);
  screen.show(silent);
  assert.deepEqual(lines, ["No answer; it is asked again"]);
});
