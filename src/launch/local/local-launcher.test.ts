import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { findServerPort } from "../../../test/support/free-ports.ts";
import { isRunning } from "../../../test/support/processes.ts";
import type { Plan } from "../../plan/mod.ts";
import type { DeploymentView } from "../../supervise/mod.ts";
import { launchLocally } from "./local-launcher.ts";

const programs = join(import.meta.dirname, "..", "..", "..", "test", "support", "programs");

function planOf(port: number): Plan {
  const url = `http://127.0.0.1:${port}`;
  const process_ = {
    id: "router-0",
    kind: "router",
    role: "both",
    replica: 0,
    instance: null,
    rank: null,
    argv: [process.execPath, join(programs, "answers-health.ts"), String(port)],
    env: {},
    files: [],
    directories: [],
    gpus: [],
    ports: [{ purpose: "http", host: "127.0.0.1", port, flag: "--server.port" }],
    ready: { kind: "http", url: `${url}/health`, timeoutMs: 30_000 },
    after: [],
    restart: null,
  } as const;
  return {
    version: 1,
    shape: "single_node",
    launcher: "local",
    model: { name: "m", servedModelNames: ["m"], source: "/m" },
    engine: "embedded",
    instances: [],
    nodes: [{ index: 0, processes: [process_] }],
    endpoints: { client: [url], ranks: [] },
    warnings: [],
  };
}

function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-launch-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test("launchLocally() starts the Plan's processes, logs into an attempt of its own, and stops", async (context) => {
  const ready = Promise.withResolvers<DeploymentView>();
  const deployment = await launchLocally({
    plan: planOf(await findServerPort(1)),
    outputDirectory: temporaryDirectory(context),
    onChange: (view) => view.phase === "ready" && ready.resolve(view),
  });
  context.after(() => deployment.stopNow());
  const { processes } = await ready.promise;
  assert.match(deployment.logDirectory, /logs\/attempt_0$/);
  assert.equal(readFileSync(join(deployment.logDirectory, "router-0.log"), "utf8"), "");
  deployment.stop();
  assert.equal(await deployment.ended, undefined);
  assert.equal(isRunning(processes[0]!.pid!), false);
});

test("launchLocally() starts nothing when a port is taken", async (context) => {
  const port = await findServerPort(1);
  const holder = createServer().listen(port, "127.0.0.1");
  context.after(() => holder.close());
  await once(holder, "listening");
  const outputDirectory = join(temporaryDirectory(context), "outputs");
  const onChange = () => assert.fail("something was started");
  await assert.rejects(launchLocally({ plan: planOf(port), outputDirectory, onChange }), {
    code: "PORT_IN_USE",
  });
});
