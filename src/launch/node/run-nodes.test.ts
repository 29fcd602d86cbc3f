import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { findServerPort } from "../../../test/support/free-ports.ts";
import { isRunning } from "../../../test/support/processes.ts";
import type { DeploymentView } from "../../supervise/mod.ts";
import { planOf, plannedProcess } from "../test-support/planned-process.ts";
import { scratchDirectory } from "../test-support/scratch-directory.ts";
import { runNodes } from "./run-nodes.ts";

const programs = join(import.meta.dirname, "..", "..", "..", "test", "support", "programs");

function server(id: string, port: number) {
  return plannedProcess({
    id,
    argv: [process.execPath, join(programs, "answers-health.ts"), String(port)],
    ports: [{ purpose: "http", host: "127.0.0.1", port, flag: "--server.port" }],
    ready: { kind: "http", url: `http://127.0.0.1:${port}/health`, timeoutMs: 30_000 },
  });
}

test("runNodes() runs the processes of the given nodes only, with their files and directories", async (context) => {
  const scratch = scratchDirectory(context);
  const directory = join(scratch, "sockets", "rank-0");
  const planned = {
    ...server("router-0", await findServerPort(1)),
    files: [{ path: "router-0/a.json", content: '{"host":"127.0.0.1"}' }],
    directories: [directory],
  };
  const other = plannedProcess({ id: "rank-0", argv: ["/no/such/program"] });
  const ready = Promise.withResolvers<DeploymentView>();
  const run = await runNodes({
    plan: planOf([other], [planned]),
    nodes: [1],
    outputDirectory: scratch,
    logDirectory: scratch,
    onChange: (view) => view.phase === "ready" && ready.resolve(view),
  });
  context.after(() => run.stopNow());
  const { processes } = await ready.promise;
  assert.deepEqual(
    processes.map(({ id }) => id),
    ["router-0"],
  );
  assert.deepEqual(run.view(), await ready.promise);
  assert.equal(readFileSync(join(scratch, "router-0", "a.json"), "utf8"), '{"host":"127.0.0.1"}');
  assert.ok(existsSync(directory));
  run.stop();
  assert.equal(await run.ended, undefined);
  assert.equal(run.view().phase, "ended");
  assert.equal(isRunning(processes[0]!.pid!), false);
  assert.equal(existsSync(directory), false, "planned directories are gone with their deployment");
});

test("runNodes() starts, makes and writes nothing when a port is taken", async (context) => {
  const scratch = scratchDirectory(context);
  const port = await findServerPort(1);
  const holder = createServer().listen(port, "127.0.0.1");
  context.after(() => holder.close());
  await once(holder, "listening");
  const planned = {
    ...server("router-0", port),
    files: [{ path: "a.json", content: "" }],
    directories: [join(scratch, "sockets", "rank-0")],
  };
  const run = runNodes({
    plan: planOf([planned]),
    nodes: [0],
    outputDirectory: scratch,
    logDirectory: scratch,
    onChange: () => assert.fail("something was started"),
  });
  await assert.rejects(run, { code: "PORT_IN_USE" });
  assert.equal(existsSync(join(scratch, "a.json")), false);
  assert.equal(existsSync(join(scratch, "sockets")), false);
});

test("runNodes() says that it cannot open a log, and leaves no directory behind", async (context) => {
  const scratch = scratchDirectory(context);
  const logDirectory = join(scratch, "logs");
  mkdirSync(join(logDirectory, "router-0.log"), { recursive: true });
  const directory = join(scratch, "sockets", "rank-0");
  const plan = planOf([plannedProcess({ directories: [directory] })]);
  const onChange = () => assert.fail("something was started");
  const run = runNodes({ plan, nodes: [0], outputDirectory: scratch, logDirectory, onChange });
  await assert.rejects(run, { code: "OUTPUT_DIR_NOT_WRITABLE", message: /EISDIR/ });
  assert.equal(existsSync(directory), false);
});
