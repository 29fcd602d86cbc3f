import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { DeploymentView } from "../../supervise/mod.ts";
import { createProgressView } from "./progress-view.ts";

type Row = readonly [id: string, phase: "starting" | "ready" | "stopping", done?: number];

function viewOf(phase: DeploymentView["phase"], ...rows: readonly Row[]): DeploymentView {
  const processes = rows.map(([id, phase, done]) => ({
    id,
    phase,
    pid: 1,
    progress: done === undefined ? undefined : { stage: "load weights", done },
    waitingFor: undefined,
    restartCount: 0,
    logFile: `${id}.log`,
  }));
  return { phase, processes };
}

function show(views: readonly DeploymentView[], terminal: object): string {
  let text = "";
  const screen = { ...terminal, write: (chunk: string) => (text += chunk) };
  const progress = createProgressView(screen, false);
  for (const view of views) progress.update(view);
  return text;
}

const views = [
  viewOf("starting", ["router-0", "starting"], ["rank-0", "starting"]),
  viewOf("starting", ["router-0", "starting"], ["rank-0", "starting", 0.1]),
  viewOf("starting", ["router-0", "starting"], ["rank-0", "starting", 0.101]),
  viewOf("starting", ["router-0", "starting"], ["rank-0", "starting", 0.5]),
  viewOf("ready", ["router-0", "ready"], ["rank-0", "ready", 1]),
];

test("createProgressView() writes a plain line a stage where there is no terminal", () => {
  assert.equal(
    show(views, {}),
    "router-0: starting\nrank-0: starting\nrank-0: load weights\nrouter-0: ready\nrank-0: ready\n",
  );
});

test("createProgressView() rewrites its lines in a terminal, only when they change", () => {
  const text = show(views, { isTTY: true, rows: 24, columns: 80 });
  assert.equal(text.split("\u001b[2A").length, 4);
  assert.match(text, /rank-0 {4}load weights 10 %\n/);
  assert.match(text, /load weights 50 %\n/);
  assert.ok(text.endsWith("\u001b[2K  router-0  ready\n\u001b[2K  rank-0    ready\n"));
});

test("createProgressView() leaves the screen in between alone when it stops", () => {
  const stopping = viewOf("stopping", ["router-0", "stopping"], ["rank-0", "ready"]);
  const text = show([views[4]!, stopping], { isTTY: true, rows: 24, columns: 80 });
  assert.ok(!text.includes("\u001b[2A"));
  assert.match(text, /\nStopping\n/);
});

test("createProgressView() writes plain lines below the screen of a deployment that serves", () => {
  const started = viewOf("ready", ["router-0", "ready"], ["rank-0", "starting"]);
  const [router, rank] = started.processes;
  const waiting = { ...rank!, phase: "restarting", waitingFor: "its next start" } as const;
  const restarting = { ...started, processes: [router!, waiting] };
  const terminal = { isTTY: true, rows: 24, columns: 80 };
  const before = show(views, terminal);
  const text = show([...views, restarting, started, views[4]!], terminal);
  assert.equal(
    text,
    `${before}rank-0: restarting; its next start\nrank-0: starting\nrank-0: ready\n`,
  );
});

test("createProgressView() says in a terminal what a process waits for", () => {
  const view = viewOf("starting", ["rank-0", "starting", 0.5]);
  const waiting = view.processes.map((one) => ({ ...one, waitingFor: "the port answers" }));
  const text = show([{ ...view, processes: waiting }], { isTTY: true, rows: 24, columns: 80 });
  assert.match(text, /rank-0 {2}load weights 50 %; the port answers\n/);
});

test("createProgressView() writes once in a plain line what a process waits for, at each start", () => {
  const view = viewOf("ready", ["rank-0", "starting"]);
  const [rank] = view.processes;
  const at = (changes: Partial<typeof rank & object>) => ({
    ...view,
    processes: [{ ...rank!, waitingFor: "the port answers", ...changes }],
  });
  const loading = (done: number) => at({ progress: { stage: "load weights", done } });
  const text = show(
    [
      at({}),
      at({}),
      ...[0.1, 0.2, 0.3].map(loading),
      at({ phase: "restarting", waitingFor: "its next start, as it was killed", restartCount: 0 }),
      at({ restartCount: 1 }),
      at({ phase: "ready", waitingFor: undefined, restartCount: 1 }),
      at({ phase: "ready", waitingFor: undefined, restartCount: 1 }),
    ],
    {},
  );
  assert.equal(
    text,
    [
      "rank-0: starting; the port answers",
      "rank-0: load weights",
      "rank-0: restarting; its next start, as it was killed",
      "rank-0: starting (restart 1); the port answers",
      "rank-0: ready",
      "",
    ].join("\n"),
  );
});

test("createProgressView() shows in a terminal how often a process was started again", () => {
  const view = viewOf("starting", ["rank-0", "ready"], ["rank-1", "starting"]);
  const again = view.processes.map((one) => ({ ...one, restartCount: 2 }));
  const text = show([{ ...view, processes: again }], { isTTY: true, rows: 24, columns: 80 });
  assert.match(text, /rank-0 {2}ready \(restart 2\)\n/);
  assert.match(text, /rank-1 {2}starting \(restart 2\)\n/);
});

test("createProgressView() does not rewrite more lines than the terminal has, nor wrapped ones", () => {
  assert.ok(!show(views, { isTTY: true, rows: 3, columns: 80 }).includes("\u001b"));
  const narrow = stripVTControlCharacters(show(views, { isTTY: true, rows: 24, columns: 12 }));
  assert.ok(narrow.split("\n").every((line) => line.length < 12));
});
