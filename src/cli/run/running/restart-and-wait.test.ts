import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runtimeDirectory } from "../../../launch/control/test-support/fake-deployment.ts";
import { startFakeSupervisor } from "../../../launch/control/test-support/start-fake-supervisor.ts";
import { listDeployments } from "../../../launch/mod.ts";
import { openNamedSource } from "./open-named-source.ts";
import { restartAndWait } from "./restart-and-wait.ts";

async function open(context: TestContext) {
  const directory = runtimeDirectory(context);
  const logFile = join(directory, "rank.log");
  writeFileSync(logFile, "no\nmemory left\n");
  const supervisor = await startFakeSupervisor(context, directory, "kabc22", logFile);
  const listing = await listDeployments({ directories: [directory] });
  const source = await openNamedSource({ deployment: "kabc22" }, listing);
  return { supervisor, source };
}

test("restartAndWait() resolves when the process is ready anew", async (context) => {
  const { source } = await open(context);
  const phases: string[] = [];
  const onChange = ({ phase, pid }: { readonly phase: string; readonly pid: number | undefined }) =>
    void phases.push(`${phase} ${pid}`);
  const wish = { name: "0", timeoutMs: 60_000, onChange };
  assert.equal(await restartAndWait(source, wish), "rank-0");
  assert.deepEqual(phases.at(-1), "ready 4343");
  assert.ok(phases.includes("restarting undefined"), phases.join());
});

test("restartAndWait() says that the process took the deployment down with it", async (context) => {
  const { source, supervisor } = await open(context);
  const wish = { name: "rank-1", timeoutMs: 60_000, onChange: () => undefined };
  await assert.rejects(restartAndWait(source, wish), {
    code: "PROCESS_NOT_READY_AGAIN",
    message: /Cannot restart "rank-1": it has ended/,
    hint: /penstock logs rank-1/,
  });
  await supervisor.exited;
});

test("restartAndWait() does not wait for ever, and shows what the process said last", async (context) => {
  const { source } = await open(context);
  const wish = { name: "rank-0", timeoutMs: 100, onChange: () => undefined };
  const blind = Object.assign(Object.create(source) as typeof source, {
    restart: () => Promise.resolve(),
    watch: (signal: AbortSignal) => source.watch(signal),
    status: () => source.status(),
    logs: (request: Parameters<typeof source.logs>[0]) => source.logs(request),
  });
  await assert.rejects(restartAndWait(blind, wish), {
    message: /not ready within 100 ms, its last lines are:\n {4}no\n {4}memory left$/,
  });
});

test("restartAndWait() knows the processes of the deployment", async (context) => {
  const { source } = await open(context);
  const wish = { name: "rank-7", timeoutMs: 60_000, onChange: () => undefined };
  await assert.rejects(restartAndWait(source, wish), { code: "PROCESS_UNKNOWN" });
});
