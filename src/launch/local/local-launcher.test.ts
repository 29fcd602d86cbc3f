import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { findServerPort } from "../../../test/support/free-ports.ts";
import { isRunning } from "../../../test/support/processes.ts";
import { isPenstockError } from "../../errors/mod.ts";
import type { PlannedProcess } from "../../plan/mod.ts";
import type { DeploymentView } from "../../supervise/mod.ts";
import { listDeployments } from "../control/list-deployments.ts";
import { planOf, plannedProcess } from "../test-support/planned-process.ts";
import { scratchDirectory } from "../test-support/scratch-directory.ts";
import { launchLocally } from "./local-launcher.ts";

const programs = join(import.meta.dirname, "..", "..", "..", "test", "support", "programs");

/** A server at the address of a node. */
function serverAt(node: number, port: number): PlannedProcess {
  const host = `{node:${node}}`;
  return plannedProcess({
    id: `server-${node}`,
    argv: [process.execPath, join(programs, "answers-health.ts"), String(port), host],
    ports: [{ purpose: "http", host, port, flag: "--server.port" }],
    files: [{ path: `server-${node}/peers.txt`, content: "{node:0} {node:1}" }],
    ready: { kind: "http", url: `http://${host}:${port}/health`, timeoutMs: 30_000 },
  });
}

/** What other shells see of a deployment; undefined where they see none. */
async function statusOf(id: string) {
  const { deployments } = await listDeployments();
  return deployments.find(({ status }) => status.id === id)?.status;
}

test("launchLocally() starts every node at an address of its own, and stops them", async (context) => {
  const outputDirectory = scratchDirectory(context);
  const port = await findServerPort(1);
  const ready = Promise.withResolvers<DeploymentView>();
  const deployment = await launchLocally({
    plan: planOf([serverAt(0, port)], [serverAt(1, port)]),
    outputDirectory,
    vllmVersion: null,
    onChange: (view) => view.phase === "ready" && ready.resolve(view),
  });
  context.after(() => deployment.stopNow());
  const { processes } = await ready.promise;
  for (const host of ["127.0.0.1", "127.0.0.2"])
    assert.equal(await (await fetch(`http://${host}:${port}/`)).text(), "ok");
  assert.match(deployment.logDirectory, /logs\/attempt_0$/);
  assert.equal(readFileSync(join(deployment.logDirectory, "server-0.log"), "utf8"), "");
  const file = join(outputDirectory, "server-1", "peers.txt");
  assert.equal(readFileSync(file, "utf8"), "127.0.0.1 127.0.0.2");
  assert.deepEqual(deployment.plan.endpoints.client, ["http://127.0.0.1:8000"]);
  const status = await statusOf(deployment.id);
  const { client, ranks } = deployment.plan.endpoints;
  assert.deepEqual(status?.endpoints, { client, ranks });
  assert.deepEqual(
    [status?.view.phase, status?.pid, status?.logDirectory, status?.outputDirectory],
    ["ready", process.pid, deployment.logDirectory, outputDirectory],
  );
  deployment.stop();
  assert.equal(await deployment.ended, undefined);
  assert.equal(await statusOf(deployment.id), undefined);
  assert.deepEqual(
    processes.map(({ pid }) => isRunning(pid!)),
    [false, false],
  );
});

test("launchLocally() starts and writes nothing when ports are taken", async (context) => {
  const port = await findServerPort(1);
  const holder = createServer().listen(port, "0.0.0.0");
  context.after(() => holder.close());
  await once(holder, "listening");
  const outputDirectory = join(scratchDirectory(context), "outputs");
  const onChange = () => assert.fail("something was started");
  const plan = planOf([serverAt(0, port)], [serverAt(1, port)]);
  const request = { plan, outputDirectory, vllmVersion: null, onChange };
  await assert.rejects(launchLocally(request), { code: "PORTS_NOT_USABLE" });
  assert.equal(existsSync(outputDirectory), false);
});

test("launchLocally() looks at the machine before it starts vLLM", async (context) => {
  const outputDirectory = join(scratchDirectory(context), "outputs");
  const onChange = () => assert.fail("something was started");
  const rank = plannedProcess({ kind: "engine", argv: ["/no/such/vllm"] });
  const plan = { ...planOf([rank]), engine: "vllm" } as const;
  const request = { plan, outputDirectory, vllmVersion: null, onChange };
  await assert.rejects(launchLocally(request), { code: "VLLM_NOT_READY" });
  assert.equal(existsSync(outputDirectory), false);
});

test("launchLocally() ends with the cause when a process never gets ready, and closes its control socket", async (context) => {
  const outputDirectory = scratchDirectory(context);
  const port = await findServerPort(1);
  const url = `http://127.0.0.1:${port}/health`;
  const rank = plannedProcess({
    id: "rank-0",
    argv: [process.execPath, join(programs, "never-ready.ts")],
    ready: { kind: "http", url, timeoutMs: 500 },
  });
  const pids = new Set<number>();
  const deployment = await launchLocally({
    plan: planOf([rank]),
    outputDirectory,
    vllmVersion: null,
    onChange: ({ processes }) => processes.forEach(({ pid }) => pid && pids.add(pid)),
  });
  const cause = await deployment.ended;
  assert.ok(isPenstockError(cause) && cause.code === "PROCESS_NOT_READY");
  assert.match(cause.message, /"rank-0" was not ready within 500 ms/);
  assert.deepEqual([...pids].filter(isRunning), []);
  assert.equal(await statusOf(deployment.id), undefined);
});
