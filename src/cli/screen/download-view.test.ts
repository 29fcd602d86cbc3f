import assert from "node:assert/strict";
import { test } from "node:test";
import { createDownloadView } from "./download-view.ts";

const start = { id: "org/model", file: "model.safetensors", doneBytes: 0, totalBytes: 2_000_000 };

/** Shows how much is done at which milliseconds. */
function show(steps: readonly (readonly [ms: number, doneBytes: number])[], terminal: object) {
  let text = "";
  let nowMs = 0;
  const screen = { ...terminal, write: (chunk: string) => (text += chunk) };
  const view = createDownloadView(screen, { now: () => nowMs, isDumb: false });
  for (const [ms, doneBytes] of steps) {
    nowMs = ms;
    view.update({ ...start, doneBytes });
  }
  view.end();
  return text;
}

const terminal = { isTTY: true, columns: 100 };

test("createDownloadView() rewrites a bar, not more often than can be seen", () => {
  const text = show(
    [
      [0, 0],
      [50, 10],
      [1_000, 1_000_000],
      [1_010, 2_000_000],
    ],
    terminal,
  );
  const lines = text.split("\r\u001b[2K").slice(1);
  assert.equal(lines.length, 3);
  const half = "org/model  [############............]  50 %  1.00 MB of 2.00 MB  1.00 MB/s";
  assert.equal(lines[1], `${half}  model.safetensors`);
  assert.match(lines[2]!, /100 % {2}2\.00 MB of 2\.00 MB.*\n$/);
});

test("createDownloadView() reckons its speed without what was there before, and keeps to its line", () => {
  const steps = [
    [0, 1_000_000],
    [1_000, 1_500_000],
  ] as const;
  assert.match(show(steps, terminal), / 500\.00 kB\/s/);
  const narrow = show(steps, { ...terminal, columns: 20 }).split("\r\u001b[2K");
  assert.ok(narrow.every((line) => line.length <= 20));
});

test("createDownloadView() writes a plain line a tenth where there is no terminal", () => {
  const steps = [0, 100, 199_999, 200_000, 210_000, 900_000, 2_000_000];
  assert.equal(
    show(
      steps.map((bytes, at) => [at, bytes]),
      {},
    ),
    [0, 10, 40, 100].map((share) => `org/model: downloaded ${share} % of 2.00 MB\n`).join(""),
  );
});

test("createDownloadView() shows nothing of what was here already", () => {
  assert.equal(show([], terminal) + show([], {}), "");
});
