import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { DeploymentView, ProcessView } from "../../../supervise/mod.ts";
import { NodeLog } from "./node-log.ts";

const directory = mkdtempSync(join(tmpdir(), "penstock-node-log-"));
after(() => rmSync(directory, { recursive: true, force: true }));

function view(phase: ProcessView["phase"], restartCount = 0): DeploymentView {
  const process = { id: "rank-0", phase, pid: 7, restartCount, logFile: "" };
  return {
    phase: "starting",
    processes: [{ ...process, progress: undefined, waitingFor: undefined }],
  };
}

test("NodeLog writes a line when a process comes into another phase, and none in between", async () => {
  const file = join(directory, "node-0.log");
  const log = new NodeLog(file, "node-0");
  for (const seen of [view("starting"), view("starting"), view("ready"), view("ready", 1)])
    log.show(seen);
  await log.close();
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => line.slice(line.indexOf("rank-0"))),
    ["rank-0: starting, pid 7", "rank-0: ready, pid 7", "rank-0: ready, pid 7, restart 1"],
  );
});

test("NodeLog goes on where its file cannot be written", async () => {
  const log = new NodeLog(join(directory, "none", "node-0.log"), "node-0");
  log.show(view("starting"));
  await log.close();
  await log.close();
});
