import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { readLogsUntil, type ReadLogsUntilOptions } from "./read-logs-until.ts";

function optionsFor(context: TestContext): ReadLogsUntilOptions {
  const directory = mkdtempSync(join(tmpdir(), "penstock-logs-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const logFile = join(directory, "rank-0.log");
  writeFileSync(logFile, "hello\n");
  return {
    processIds: ["rank-0"],
    lineCount: 10,
    follow: true,
    signal: new AbortController().signal,
    files: [{ id: "rank-0", logFile }],
    awaitEnd: () => Promise.resolve(),
  };
}

async function linesOf(options: ReadLogsUntilOptions): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const entries of readLogsUntil(options))
    lines.push(...entries.map(({ line }) => line));
  return lines;
}

test("readLogsUntil() ends when whoever writes has ended", async (context) => {
  assert.deepEqual(await linesOf(optionsFor(context)), ["hello"]);
});

test("readLogsUntil() does not wait for an end that nobody follows to", async (context) => {
  const awaitEnd = (): Promise<void> => assert.fail("it is not followed");
  const options = { ...optionsFor(context), follow: false, awaitEnd };
  assert.deepEqual(await linesOf(options), ["hello"]);
});

test("readLogsUntil() fails with what waiting for the end fails with, after the last lines", async (context) => {
  const options = {
    ...optionsFor(context),
    awaitEnd: () => Promise.reject(new Error("the supervisor is silent")),
  };
  const lines: string[] = [];
  await assert.rejects(async () => {
    for await (const entries of readLogsUntil(options))
      lines.push(...entries.map(({ line }) => line));
  }, /the supervisor is silent/);
  assert.deepEqual(lines, ["hello"]);
});

test("readLogsUntil() tells who waits for the end to give up when its reader leaves", async (context) => {
  const gone = Promise.withResolvers<void>();
  const awaitEnd = (signal: AbortSignal): Promise<void> => {
    signal.addEventListener("abort", () => gone.resolve());
    return gone.promise;
  };
  for await (const _entries of readLogsUntil({ ...optionsFor(context), awaitEnd })) break;
  await gone.promise;
});
