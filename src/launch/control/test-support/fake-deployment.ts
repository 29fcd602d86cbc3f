import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { ProcessView } from "../../../supervise/mod.ts";
import type { Controlled, DeploymentStatus } from "../types.ts";

/** A directory that control sockets trust, for one test. */
export function runtimeDirectory(context: Pick<TestContext, "after">): string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-control-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function processView(changes: Partial<ProcessView> = {}): ProcessView {
  return {
    id: "rank-0",
    phase: "ready",
    pid: 4_242,
    progress: undefined,
    waitingFor: undefined,
    restartCount: 0,
    logFile: "/nowhere/rank-0.log",
    ...changes,
  };
}

export function deploymentStatus(changes: Partial<DeploymentStatus> = {}): DeploymentStatus {
  return {
    id: "kfake2",
    pid: process.pid,
    hostname: "here",
    startedAtMs: 1_000,
    shape: "single_node",
    engine: "embedded",
    model: "penstock/reverse-moe",
    outputDirectory: "/nowhere/outputs",
    logDirectory: "/nowhere/outputs/logs/attempt_0",
    endpoints: { client: ["http://127.0.0.1:8000"], ranks: ["http://127.0.0.1:8100"] },
    slurm: null,
    view: { phase: "ready", processes: [processView()] },
    ...changes,
  };
}

/** What a control socket steers, with the calls that it got. */
export interface FakeControlled extends Controlled {
  current: DeploymentStatus;
  readonly calls: string[];
}

export function fakeControlled(changes: Partial<DeploymentStatus> = {}): FakeControlled {
  const fake: FakeControlled = {
    current: deploymentStatus(changes),
    calls: [],
    status: () => fake.current,
    stop: () => void fake.calls.push("stop"),
    stopNow: () => void fake.calls.push("stop now"),
    restart: (id) => void fake.calls.push(`restart ${id}`),
  };
  return fake;
}
