import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runtimeDirectory } from "../test-support/fake-deployment.ts";
import { mergeByTime } from "./merge-by-time.ts";
import { readLogs, type ReadLogsOptions } from "./read-logs.ts";

const never = new AbortController().signal;

function at(second: number, message: string): string {
  return JSON.stringify({ time: `2026-01-01T00:00:0${second}.000Z`, level: "info", message });
}

function logs(context: TestContext) {
  const directory = runtimeDirectory(context);
  const file = (id: string) => ({ id, logFile: join(directory, `${id}.log`) });
  const files = [file("a"), file("b")];
  for (const { logFile } of files) writeFileSync(logFile, "");
  return { files, paths: files.map(({ logFile }) => logFile) as [string, string] };
}

async function gather(options: ReadLogsOptions, hear?: (lines: readonly string[]) => void) {
  const lines: string[] = [];
  for await (const entries of readLogs(options)) {
    lines.push(...entries.map(({ processId, line }) => `${processId} ${line}`));
    hear?.(lines);
  }
  return lines;
}

test("mergeByTime() orders by time and keeps lines without one behind the line before", () => {
  const merged = mergeByTime([
    { processId: "a", lines: ["head", at(2, "x"), "plain", at(1, "late")] },
    { processId: "b", lines: [at(1, "y"), at(3, "z")] },
  ]);
  assert.deepEqual(
    merged.map(({ processId, line }) => `${processId} ${line}`),
    [
      "a head",
      `b ${at(1, "y")}`,
      `a ${at(2, "x")}`,
      "a plain",
      `a ${at(1, "late")}`,
      `b ${at(3, "z")}`,
    ],
  );
});

test("readLogs() gives the last lines of each file, the unfinished one too, and ends", async (context) => {
  const { files, paths } = logs(context);
  writeFileSync(paths[0], "1\n2\n3");
  writeFileSync(paths[1], "4\n");
  const options = { files, lineCount: 1, follow: false, signal: never, ended: Promise.resolve() };
  assert.deepEqual(await gather(options), ["a 2", "b 4", "a 3"]);
  assert.deepEqual(await gather({ ...options, files: [] }), []);
});

test("readLogs() follows until the end and reads what was written before it", async (context) => {
  const { files, paths } = logs(context);
  const end = Promise.withResolvers<void>();
  const options = { files, lineCount: 5, follow: true, signal: never, ended: end.promise };
  writeFileSync(paths[0], "1\n");
  const lines = await gather(options, (heard) => {
    if (heard.length === 1) appendFileSync(paths[1], "2\n");
    if (heard.length !== 2) return;
    appendFileSync(paths[0], "3\nlast words");
    end.reject(new Error("it hangs"));
  });
  assert.deepEqual(lines, ["a 1", "b 2", "a 3", "a last words"]);
});

test("readLogs() ends when it is told to", async (context) => {
  const { files } = logs(context);
  const ended = Promise.withResolvers<void>().promise;
  const signal = AbortSignal.timeout(400);
  assert.deepEqual(await gather({ files, lineCount: 5, follow: true, signal, ended }), []);
});
