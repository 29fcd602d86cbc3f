import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LocalSource } from "./local-source.ts";
import { runtimeDirectory } from "./test-support/fake-deployment.ts";
import { startFakeSupervisor } from "./test-support/start-fake-supervisor.ts";

const never = new AbortController().signal;

test("LocalSource shows, restarts and stops a deployment, and follows its logs to their end", async (context) => {
  const directory = runtimeDirectory(context);
  const logFile = join(directory, "rank.log");
  writeFileSync(logFile, "one\ntwo\n");
  const supervisor = await startFakeSupervisor(context, directory, "kabc22", logFile);
  const source = new LocalSource({ path: supervisor.socketPath, pid: supervisor.pid }, "kabc22");
  assert.equal(source.name, 'deployment "kabc22"');
  const { parts, notes } = await source.status();
  assert.deepEqual([parts.length, parts[0]!.id, notes.length], [1, "kabc22", 0]);

  await source.restart("rank-0");
  for await (const status of source.watch(never)) {
    const rank = status.parts[0]!.view.processes[0]!;
    if (rank.restartCount === 1 && rank.phase === "ready") break;
  }

  const lines: string[] = [];
  const request = { processIds: ["rank-0"], lineCount: 1, follow: true, signal: never };
  for await (const entries of source.logs(request)) {
    lines.push(...entries.map(({ processId, line }) => `${processId} ${line}`));
    if (lines.length === 1) appendFileSync(logFile, "three\n");
    else await source.stop({ now: false }).catch(() => undefined); // Asked twice, it may be gone.
  }
  assert.deepEqual(lines, ["rank-0 two", "rank-0 three"]);
  assert.equal(await supervisor.exited, 0);
  await assert.rejects(source.status(), { code: "DEPLOYMENT_GONE" });
});
