import assert from "node:assert/strict";
import { test } from "node:test";
import {
  deploymentStatus,
  processView,
} from "../../../launch/control/test-support/fake-deployment.ts";
import type { StatusReport } from "../../../launch/mod.ts";
import { StatusView } from "./status-view.ts";

function starting(done: number): StatusReport {
  const progress = { stage: "weights", done };
  const processes = [processView({ phase: "starting", progress }), processView({ id: "router-0" })];
  return { parts: [deploymentStatus({ view: { phase: "starting", processes } })], notes: [] };
}

test("StatusView rewrites the table in a terminal, and cuts lines to its width", () => {
  const view = new StatusView({ isTTY: true, columns: 30, rows: 40 }, false);
  const first = view.next(starting(0.1), 0);
  const lineCount = first.split("\n").length - 1;
  assert.ok(first.split("\n").every((line) => line.length < 30));
  assert.ok(view.next(starting(0.2), 0).startsWith(`\u001b[${lineCount}A\u001b[0J`));
});

test("StatusView tells changes in plain lines elsewhere, each stage once", () => {
  for (const screen of [{}, { isTTY: true, rows: 5 }]) {
    const view = new StatusView(screen);
    assert.equal(
      view.next(starting(0.1), 0),
      "rank-0: starting; weights\nrouter-0: ready\nkfake2: starting\n",
    );
    assert.equal(view.next(starting(0.2), 0), "");
    assert.equal(
      view.next({ parts: [deploymentStatus()], notes: ["soon"] }, 0),
      "rank-0: ready\nkfake2: ready\nsoon\n",
    );
  }
});
