import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import { Custodian } from "./custodian.ts";
import type { DeploymentEvent, ProcessState } from "./deployment-machine.ts";
import { MindedProcess } from "./minded-process.ts";
import type { ProcessSpec, ReadyCheck } from "./process-spec.ts";

const state: ProcessState = {
  phase: "starting",
  after: [],
  restart: null,
  wasReady: false,
  replacing: undefined,
  endTimesMs: [],
  restartCount: 0,
};

function mind(context: TestContext, script: string, ready: ReadyCheck = { kind: "started" }) {
  const directory = mkdtempSync(join(tmpdir(), "penstock-minded-"));
  const argv = [process.execPath, "-e", script];
  const spec: ProcessSpec = { id: "x", argv, env: {}, after: [], restart: null, ready };
  const custodian = new Custodian([]);
  const events: DeploymentEvent[] = [];
  const minded = new MindedProcess(spec, {
    logFile: join(directory, "x.log"),
    custodian,
    take: (event) => events.push(event),
    show: () => {},
    onLoss: assert.fail,
  });
  context.after(async () => {
    minded.carryOut({ kind: "kill", id: "x" });
    await eventually("the process to end", () => starts() === heard("ended"));
    minded.close();
    custodian.close();
    rmSync(directory, { recursive: true, force: true });
  });
  let started = 0;
  const starts = () => started;
  const start = () => {
    started++;
    minded.carryOut({ kind: "start", id: "x" });
  };
  const heard = (kind: DeploymentEvent["kind"]) =>
    events.filter((event) => event.kind === kind).length;
  const hears = (kind: DeploymentEvent["kind"], count = 1) =>
    eventually(`"${kind}" to be heard`, () => heard(kind) === count);
  const log = () => readFileSync(join(directory, "x.log"), "utf8");
  return { minded, start, hears, heard, log };
}

test("MindedProcess says what it waits for, and that only while it does", (context) => {
  const ready = { kind: "port", host: "127.0.0.1", port: 1, timeoutMs: 60_000 } as const;
  const { minded, start } = mind(context, "setInterval(() => {}, 1000)", ready);
  start();
  const view = minded.view(state);
  assert.equal(view.waitingFor, "127.0.0.1 port 1 takes connections");
  assert.ok(view.pid! > 0);
  assert.equal(minded.view({ ...state, phase: "ready" }).waitingFor, undefined);
});

test("MindedProcess starts again behind what it said before, without its old progress", async (context) => {
  const bar = "Loading safetensors checkpoint shards:  50% Completed | 2/4 [00:02<00:02]";
  const script = `process.stderr.write(${JSON.stringify(`${bar}\n`)}, () => process.exit(7))`;
  const { minded, start, hears, log } = mind(context, script);
  start();
  await hears("ended");
  assert.deepEqual(minded.view(state).progress, { stage: "load weights", done: 0.5 });
  const last = { kind: "ended", id: "x", ending: { kind: "exit", exitCode: 7 } } as const;
  minded.carryOut({ kind: "wait", id: "x", waitMs: 1, last });
  const away = minded.view({ ...state, phase: "restarting" });
  assert.deepEqual([away.pid, away.progress], [undefined, undefined]);
  assert.equal(away.waitingFor, "its next start, as it ended with exit code 7");
  await hears("wait-over");
  start();
  assert.equal(minded.view(state).progress, undefined);
  await hears("ended", 2);
  assert.match(log(), /50%.*\n--- x ended with exit code 7; starts again at \S+ ---\nLoading/);
});

test("MindedProcess stops waiting with the process", async (context) => {
  const ready = { kind: "http", url: "http://127.0.0.1:1/", timeoutMs: 300 } as const;
  const { minded, start, hears, heard } = mind(context, "process.stdin.resume()", ready);
  start();
  minded.carryOut({ kind: "set-replace-grace", id: "x" });
  minded.carryOut({ kind: "terminate", id: "x" });
  await hears("ended");
  start();
  await hears("ready-timeout");
  assert.equal(heard("replace-grace-over"), 0);
});
