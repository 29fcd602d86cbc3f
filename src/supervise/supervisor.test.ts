import assert from "node:assert/strict";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import { findServerPort } from "../../test/support/free-ports.ts";
import { isRunning } from "../../test/support/processes.ts";
import { mountSmallDisk } from "../../test/support/small-disk.ts";
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

const restart = { restartsMax: 2, windowMs: 600_000, firstWaitMs: 50, waitMsMax: 100 };

/** Supervises, keeps what it hears, and ends everything with the test, however that goes. */
function supervise(
  context: TestContext,
  specs: readonly ProcessSpec[],
  logDirectory = temporaryDirectory(context),
) {
  const views: DeploymentView[] = [];
  const warnings: string[] = [];
  const supervisor = new Supervisor(specs, {
    logDirectory,
    onChange: (view) => views.push(view),
    onWarning: (message) => warnings.push(message),
  });
  context.after(async () => {
    supervisor.stopNow();
    await supervisor.ended;
  });
  const pids = () => views.at(-1)?.processes.flatMap(({ pid }) => pid ?? []) ?? [];
  const ready = () =>
    eventually("the deployment to be ready", () => views.at(-1)?.phase === "ready");
  const process = (id: string) => supervisor.view().processes.find((one) => one.id === id)!;
  /** Waits until a process was started that many times again and is ready. */
  const readyAgain = (id: string, restartCount: number) =>
    eventually(`"${id}" to be ready again`, () => {
      const { phase, restartCount: count } = process(id);
      return count === restartCount && phase === "ready";
    });
  return { supervisor, views, warnings, process, pids, ready, readyAgain, logDirectory };
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

test("Supervisor waits for a process that may drain for longer, and tells those after it to end only then", async (context) => {
  const ports = [await findServerPort(1), await findServerPort(1)] as const;
  const file = join(temporaryDirectory(context), "drained");
  const url = `http://127.0.0.1:${ports[0]}/`;
  const router = spec("router", ["drains-for.ts", ports[0], 4_500, file], {
    ready: { kind: "http", url, timeoutMs: 30_000 },
    drainMs: 20_000,
  });
  const { supervisor, ready, views } = supervise(context, [
    router,
    answering("rank-0", ["answers-health.ts", ports[1]], ["router"]),
  ]);
  await ready();
  supervisor.stop();
  assert.equal(await supervisor.ended, undefined);
  assert.equal(readFileSync(file, "utf8"), "drained\n");
  const isEarly = ({ processes }: DeploymentView) =>
    processes[1]!.phase === "stopping" && processes[0]!.phase !== "ended";
  assert.ok(!views.some(isEarly));
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

test("Supervisor starts a process again that was ready and ends, while the deployment stays ready", async (context) => {
  const port = await findServerPort(1);
  const deployment = supervise(context, [
    { ...answering("rank-0", ["answers-health.ts", port]), restart },
  ]);
  const { supervisor, views, process: see, logDirectory } = deployment;
  await deployment.ready();
  const before = views.length;
  const { pid } = see("rank-0");
  process.kill(pid!, "SIGKILL");
  await deployment.readyAgain("rank-0", 1);
  assert.notEqual(see("rank-0").pid, pid);
  const since = views.slice(before);
  assert.ok(since.every(({ phase }) => phase === "ready"));
  const waiting = since
    .map(({ processes: [one] }) => one!)
    .find((one) => one.phase === "restarting");
  assert.deepEqual(
    [waiting?.pid, waiting?.waitingFor],
    [undefined, "its next start, as it was ended by signal SIGKILL"],
  );
  const starting = since
    .map(({ processes: [one] }) => one!)
    .find((one) => one.phase === "starting");
  assert.equal(starting?.waitingFor, `http://127.0.0.1:${port}/ answers 200`);
  const log = readFileSync(join(logDirectory, "rank-0.log"), "utf8");
  assert.match(log, /^--- rank-0 was ended by signal SIGKILL; starts again at .* ---\n/);
  supervisor.stop();
  assert.equal(await supervisor.ended, undefined);
});

test("Supervisor gives up on a process that ends too often, and says how often and how", async (context) => {
  const port = await findServerPort(1);
  const deployment = supervise(context, [
    { ...answering("rank-0", ["answers-health.ts", port]), restart },
    answering("router", ["answers-health.ts", port + 100]),
  ]);
  await deployment.ready();
  for (let count = 0; count <= restart.restartsMax; count++) {
    await deployment.readyAgain("rank-0", count);
    process.kill(deployment.process("rank-0").pid!, "SIGKILL");
  }
  const error = await deployment.supervisor.ended;
  assert.equal(error?.code, "PROCESS_ENDED_TOO_OFTEN");
  assert.match(error.message, /"rank-0" ended 3 times within 600000 ms.* by signal SIGKILL/);
  assert.deepEqual(deployment.pids().filter(isRunning), []);
});

test("Supervisor counts a process that is not ready in time when it comes back", async (context) => {
  const port = await findServerPort(1);
  const file = join(temporaryDirectory(context), "was-ready");
  const ready = { kind: "port", host: "127.0.0.1", port, timeoutMs: 10_000 } as const;
  const once = { ...restart, restartsMax: 1 };
  const one = spec("rank-0", ["is-ready-once.ts", port, file], { ready, restart: once });
  const late = { ...one, ready: { ...ready, timeoutMs: 700 } };
  writeFileSync(file, "");
  const never = supervise(context, [late]);
  assert.equal((await never.supervisor.ended)?.code, "PROCESS_NOT_READY");
  rmSync(file);
  const deployment = supervise(context, [{ ...late, ready: { ...ready, timeoutMs: 4_000 } }]);
  await deployment.ready();
  process.kill(deployment.process("rank-0").pid!, "SIGKILL");
  const error = await deployment.supervisor.ended;
  assert.equal(error?.code, "PROCESS_ENDED_TOO_OFTEN");
  assert.match(error.message, /the last time it was not ready within 4000 ms/);
});

test("Supervisor.restart() replaces a process gently, also one that ignores SIGTERM, and counts nothing", async (context) => {
  const port = await findServerPort(2);
  const noBudget = { ...restart, restartsMax: 0 };
  const deployment = supervise(context, [
    { ...answering("gentle", ["answers-health.ts", port]), restart: noBudget },
    { ...answering("stubborn", ["ignores-sigterm.ts", port + 100]), restart: noBudget },
  ]);
  await deployment.ready();
  const before = deployment.pids();
  for (const id of ["gentle", "stubborn"]) {
    deployment.supervisor.restart(id);
    assert.equal(deployment.process(id).phase, "stopping");
    deployment.supervisor.restart(id);
    await deployment.readyAgain(id, 1);
  }
  assert.deepEqual(before.filter(isRunning), []);
  assert.equal(deployment.supervisor.view().phase, "ready");
  const log = readFileSync(join(deployment.logDirectory, "gentle.log"), "utf8");
  assert.match(log, /^--- gentle was stopped to be started again; starts again at/);
});

test("Supervisor.restart() refuses what is not there, what has no policy, and a deployment that stops", async (context) => {
  const { supervisor } = supervise(context, [
    spec("router-0", ["never-ready.ts"], { restart }),
    spec("rank-0", ["never-ready.ts"]),
  ]);
  assert.throws(() => supervisor.restart("rank0"), {
    code: "PROCESS_UNKNOWN",
    message: /"rank0": the deployment has router-0, rank-0$/,
    hint: /"rank-0"/,
  });
  assert.throws(() => supervisor.restart("rank-0"), { code: "PROCESS_NOT_RESTARTABLE" });
  supervisor.stop();
  const stopping = { code: "PROCESS_NOT_RESTARTABLE", message: /the deployment is stopping/ };
  assert.throws(() => supervisor.restart("router-0"), stopping);
});

interface Mess {
  readonly sharedFile: string;
  readonly pids: readonly number[];
}

async function readMess(context: TestContext, file: string): Promise<Mess> {
  const mess = await eventually("the mess", () => JSON.parse(readFileSync(file, "utf8")) as Mess);
  context.after(() => {
    rmSync(mess.sharedFile, { force: true });
    for (const pid of mess.pids.filter(isRunning)) process.kill(pid, "SIGKILL");
  });
  return mess;
}

test("Supervisor leaves nothing of a process that is killed, not even in /dev/shm", async (context) => {
  const port = await findServerPort(1);
  const file = join(temporaryDirectory(context), "mess");
  const ready = { kind: "port", host: "127.0.0.1", port, timeoutMs: 30_000 } as const;
  const deployment = supervise(context, [
    spec("rank-0", ["makes-a-mess.ts", port, file], { ready, restart }),
  ]);
  await deployment.ready();
  const first = await readMess(context, file);
  assert.ok(existsSync(first.sharedFile));
  process.kill(first.pids[0]!, "SIGKILL");
  await deployment.readyAgain("rank-0", 1);
  assert.ok(!existsSync(first.sharedFile));
  const second = await readMess(context, file);
  assert.ok(existsSync(second.sharedFile));
  deployment.supervisor.stop();
  assert.equal(await deployment.supervisor.ended, undefined);
  assert.ok(!existsSync(second.sharedFile));
  assert.deepEqual([...first.pids, ...second.pids].filter(isRunning), []);
});

test("Supervisor goes on when the disk of its logs is full, and tells it once", async (context) => {
  const port = await findServerPort(1);
  using disk = mountSmallDisk(65_536);
  if (disk === undefined) return context.skip("the tests may not mount a file system");
  const script = `
    process.on("SIGTERM", () => process.exit(0));
    require("node:http").createServer((request, response) => {
      process.stdout.write("x".repeat(10_000) + "\\n", () => response.end("ok"));
    }).listen(${port}, "127.0.0.1");`;
  const ready = { kind: "port", host: "127.0.0.1", port, timeoutMs: 30_000 } as const;
  const chatty = spec("chatty", ["x"], { argv: [process.execPath, "-e", script], ready });
  const deployment = supervise(context, [chatty], disk.directory);
  await deployment.ready();
  disk.fill();
  for (let count = 0; count < 5; count++)
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
  await eventually("the warning", () => deployment.warnings.length > 0);
  assert.equal(deployment.supervisor.view().phase, "ready");
  deployment.supervisor.stop();
  assert.equal(await deployment.supervisor.ended, undefined);
  assert.equal(deployment.warnings.length, 1);
  assert.match(deployment.warnings[0]!, /Cannot write to the log ".*chatty\.log": ENOSPC/);
});

/** Starts a supervisor in a process of its own, and waits until what it minds is ready. */
async function superviseApart(context: TestContext, ...more: readonly string[]) {
  const port = await findServerPort(1);
  const argv = [
    join(programs, "supervises.ts"),
    temporaryDirectory(context),
    String(port),
    ...more,
  ];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  context.after(() => child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, pid: Number(line.toString()) };
}

test("Supervisor leaves no process when it is killed itself", async (context) => {
  const { child, pid } = await superviseApart(context);
  assert.ok(isRunning(pid));
  child.kill("SIGKILL");
  await eventually("the process to end", () => !isRunning(pid));
});

for (const signal of ["SIGKILL", "SIGHUP"] as const)
  test(`Supervisor leaves nothing of stubborn processes when ${signal} ends it`, async (context) => {
    const [file, directory] = [temporaryDirectory(context), temporaryDirectory(context)];
    const { child } = await superviseApart(
      context,
      "makes-a-mess.ts",
      join(file, "mess"),
      directory,
    );
    const { sharedFile, pids } = await readMess(context, join(file, "mess"));
    assert.ok([sharedFile, directory].every((path) => existsSync(path)));
    assert.equal(pids.filter(isRunning).length, 2);
    child.kill(signal);
    await eventually("the processes to end", () => !pids.some(isRunning));
    await eventually(
      "the files to be removed",
      () => !existsSync(sharedFile) && !existsSync(directory),
    );
  });
