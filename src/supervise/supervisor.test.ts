import assert from "node:assert/strict";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import { findServerPort } from "../../test/support/free-ports.ts";
import { isRunning } from "../../test/support/processes.ts";
import type { ProcessSpec } from "./process-spec.ts";
import type { DeploymentView } from "./deployment-view.ts";
import { Supervisor } from "./supervisor.ts";

const programs = join(import.meta.dirname, "..", "..", "test", "support", "programs");

function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-supervise-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function spec(id: string, words: readonly (string | number)[], more: Partial<ProcessSpec> = {}) {
  const [program, ...args] = words.map(String);
  const argv = [process.execPath, join(programs, program!), ...args];
  return {
    id,
    argv,
    env: {},
    after: [],
    ready: { kind: "started" },
    restart: null,
    ...more,
  } as ProcessSpec;
}

function answering(id: string, [program, port]: readonly [string, number], after: string[] = []) {
  const ready = { kind: "http", url: `http://127.0.0.1:${port}/`, timeoutMs: 30_000 } as const;
  return spec(id, [program, port], { ready, after });
}

/** Supervises, keeps what it hears, and ends everything with the test, however that goes. */
function supervise(context: TestContext, specs: readonly ProcessSpec[]) {
  const views: DeploymentView[] = [];
  const logDirectory = temporaryDirectory(context);
  const supervisor = new Supervisor(specs, {
    logDirectory,
    onChange: (view) => views.push(view),
  });
  context.after(async () => {
    supervisor.stopNow();
    await supervisor.ended;
  });
  const pids = () => views.at(-1)?.processes.flatMap(({ pid }) => pid ?? []) ?? [];
  const ready = () =>
    eventually("the deployment to be ready", () => views.at(-1)?.phase === "ready");
  return { supervisor, views, pids, ready, logDirectory };
}

test("Supervisor is ready when every process is, and stop() leaves none of them", async (context) => {
  const port = await findServerPort(1);
  const { supervisor, pids, ready } = supervise(context, [
    answering("router", ["answers-health.ts", port]),
    answering("rank", ["answers-health.ts", port + 100], ["router"]),
  ]);
  await ready();
  assert.equal(pids().filter(isRunning).length, 2);
  supervisor.stop();
  assert.equal(await supervisor.ended, undefined);
  assert.deepEqual(pids().filter(isRunning), []);
});

test("Supervisor gives the cause that a process names itself, and its progress before that", async (context) => {
  const { supervisor, views } = supervise(context, [spec("rank-0", ["exits-with-fatal-line.ts"])]);
  const error = await supervisor.ended;
  assert.equal(error?.code, "PROCESS_GAVE_UP");
  assert.match(error.message, /"rank-0" ended with exit code 1: Cannot load .*x\.safetensors/);
  assert.equal(error.hint, 'Copy "x.safetensors" into "m"');
  const progress = views.map(({ processes }) => processes[0]!.progress).filter(Boolean);
  assert.deepEqual(progress[0], { stage: "load weights", done: 0.5 });
});

test("Supervisor takes the others down when one ends, and shows its last 20 lines", async (context) => {
  const port = await findServerPort(1);
  const { supervisor, pids, logDirectory } = supervise(context, [
    answering("router", ["answers-health.ts", port]),
    spec("rank-0", ["dies-after.ts", 300, 7], { after: ["router"] }),
  ]);
  const error = await supervisor.ended;
  assert.equal(error?.code, "PROCESS_ENDED");
  assert.match(error.message, /"rank-0" ended with exit code 7/);
  assert.match(error.message, /line 11\n[^]*line 30$/);
  assert.doesNotMatch(error.message, /line 10\n/);
  assert.deepEqual(pids().filter(isRunning), []);
  assert.match(readFileSync(join(logDirectory, "rank-0.log"), "utf8"), /^line 1\n/);
});

test("Supervisor gives up on a process that is not ready in time", async (context) => {
  const ready = { kind: "http", url: "http://127.0.0.1:1/", timeoutMs: 1_000 } as const;
  const { supervisor, pids } = supervise(context, [spec("rank-0", ["never-ready.ts"], { ready })]);
  const error = await supervisor.ended;
  assert.equal(error?.code, "PROCESS_NOT_READY");
  assert.match(error.message, /"rank-0" was not ready within 1000 ms/);
  assert.deepEqual(pids().filter(isRunning), []);
});

test("Supervisor names a program that cannot be started", async (context) => {
  for (const program of ["/no/such/program", "nul\0byte"]) {
    const { supervisor } = supervise(context, [spec("rank-0", ["x"], { argv: [program] })]);
    const error = await supervisor.ended;
    assert.equal(error?.code, "PROCESS_NOT_STARTED");
    assert.ok(error.message.includes(`"${program}"`));
  }
});

test("Supervisor kills a process that ignores SIGTERM, at its limit", async (context) => {
  const port = await findServerPort(1);
  const { supervisor, pids, ready } = supervise(context, [
    answering("stubborn", ["ignores-sigterm.ts", port]),
  ]);
  await ready();
  supervisor.stop();
  assert.equal(await supervisor.ended, undefined);
  assert.deepEqual(pids().filter(isRunning), []);
});

test("Supervisor ends grandchildren with the process that started them", async (context) => {
  const port = await findServerPort(1);
  const pidFile = join(temporaryDirectory(context), "pid");
  const ready = { kind: "http", url: `http://127.0.0.1:${port}/`, timeoutMs: 30_000 } as const;
  const deployment = supervise(context, [
    spec("parent", ["spawns-grandchild.ts", port, pidFile], { ready }),
  ]);
  await deployment.ready();
  const grandchild = Number(readFileSync(pidFile, "utf8"));
  assert.ok(isRunning(grandchild));
  deployment.supervisor.stop();
  await deployment.supervisor.ended;
  await eventually("the grandchild to end", () => !isRunning(grandchild), 5_000);
});

test("Supervisor leaves no process when it is killed itself", async (context) => {
  const port = await findServerPort(1);
  const argv = [join(programs, "supervises.ts"), temporaryDirectory(context), String(port)];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  context.after(() => child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  assert.ok(isRunning(pid));
  child.kill("SIGKILL");
  await eventually("the process to end", () => !isRunning(pid), 10_000);
});
