import assert from "node:assert/strict";
import { test } from "node:test";
import { PenstockError } from "../../../errors/mod.ts";
import {
  deploymentStatus,
  processView,
} from "../../../launch/control/test-support/fake-deployment.ts";
import { formatDuration } from "./format-duration.ts";
import { formatListing } from "./format-listing.ts";
import { formatStatus } from "./format-status.ts";

const nowMs = 61_000;

test("formatStatus() shows what it is, where it answers and what each process waits for", () => {
  const status = deploymentStatus({
    hostname: "n1\u001b[2J",
    phaseSinceMs: { "router-0": 31_000 },
    view: {
      phase: "starting",
      processes: [
        processView({ id: "router-0", restartCount: 2 }),
        processView({
          id: "rank-0",
          phase: "starting",
          pid: undefined,
          progress: { stage: "loading\nweights", done: 0.456 },
          waitingFor: "http://127.0.0.1:8100/health answers 200",
        }),
      ],
    },
  });
  const text = formatStatus({ parts: [status], notes: ["note 1"] }, nowMs).join("\n");
  assert.equal(
    text,
    `Deployment  kfake2, starting, up 1 min
Model       penstock/reverse-moe, embedded engine, single_node
Endpoint    http://127.0.0.1:8000/v1
Ranks       http://127.0.0.1:8100
Supervisor  pid ${process.pid} on n1\u{fffd}[2J
Output      /nowhere/outputs
Logs        /nowhere/outputs/logs/attempt_0
note 1

PROCESS   PHASE     PID   RESTARTS  SINCE  WAITS FOR
router-0  ready     4242  2         30 s
rank-0    starting  -     0         -      loading weights 45 %; http://127.0.0.1:8100/health answers 200`,
  );
});

test("formatStatus() shows several nodes as one deployment that is as far as its last", () => {
  const node = (index: number, phase: "ready" | "starting") =>
    deploymentStatus({
      hostname: `n${index}`,
      slurm: { jobId: "4711", node: index },
      view: { phase, processes: [processView({ id: `rank-${index}` })] },
    });
  const lines = formatStatus({ parts: [node(0, "ready"), node(1, "starting")], notes: [] }, nowMs);
  const text = lines.join("\n");
  assert.match(text, /^Deployment {2}job 4711, starting/);
  assert.match(text, /\nrank-1 {3}n1 {4}ready/);
  assert.equal(text.split("http://127.0.0.1:8000/v1").length, 2, "an endpoint is named once");
});

test("formatStatus() shows notes alone while a job waits for its nodes", () => {
  assert.deepEqual(formatStatus({ parts: [], notes: ["job 1 is queued"] }, nowMs), [
    "job 1 is queued",
  ]);
});

test("formatListing() gives a line to each deployment, those that hang included", () => {
  const entry = { path: "/x", pid: 7 };
  const error = new PenstockError("DEPLOYMENT_SILENT", { pid: 7, timeoutMs: 10 });
  const lines = formatListing(
    { deployments: [{ entry, status: deploymentStatus() }], unreachable: [{ entry, error }] },
    nowMs,
  );
  assert.match(
    lines[1]!,
    /^kfake2 {2}ready {2}1 min {2}penstock\/reverse-moe {2}http:\/\/127\.0\.0\.1:8000 /,
  );
  assert.match(lines[2]!, /^pid 7 .*has not answered/);
});

test("formatDuration() names the two largest units", () => {
  const shown = [-5, 0, 59.9, 60, 3_599, 3_600, 11_100, 86_400, 100_000].map((s) =>
    formatDuration(s * 1_000),
  );
  assert.deepEqual(shown, [
    "0 s",
    "0 s",
    "59 s",
    "1 min",
    "59 min",
    "1 h",
    "3 h 5 min",
    "1 d",
    "1 d 3 h",
  ]);
});
