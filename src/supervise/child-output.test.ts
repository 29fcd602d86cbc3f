import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { test, type TestContext } from "node:test";
import { createLogger } from "../telemetry/mod.ts";
import { ChildOutput, lastLinesMax, type Progress } from "./child-output.ts";

/** Lets a process say this, in one chunk a text, and gives what was understood. */
async function take(context: TestContext, chunks: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), "penstock-log-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const progress: Progress[] = [];
  const output = new ChildOutput(join(directory, "x.log"), (one) => progress.push(one));
  const stream = new PassThrough();
  output.take(stream);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await finished(stream);
  output.close();
  return { output, progress, log: readFileSync(output.logFile, "utf8") };
}

function logged(speak: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  speak(createLogger({ name: "rank-0", format: "json", write: (line) => lines.push(line) }));
  return lines.join("");
}

test("ChildOutput writes everything down and keeps the last lines", async (context) => {
  const text = Array.from({ length: lastLinesMax + 1 }, (_, index) => `line ${index}\n`).join("");
  const { output, log } = await take(context, [text.slice(0, 9), text.slice(9)]);
  assert.equal(log, text);
  assert.equal(output.lastLines.length, lastLinesMax);
  assert.equal(output.lastLines[0], "line 1");
});

test("ChildOutput understands progress and the fatal line", async (context) => {
  const text = logged((logger) => {
    logger.info("Loading", { event: "progress", stage: "load weights", done: 0.25 });
    logger.info("Loading", { event: "progress", stage: "load weights", done: 7 });
    logger.info("Loading", { event: "progress", stage: 3, done: "x" });
    logger.fatal("Cannot load", { code: "X", hint: "Y" });
  });
  const { output, progress } = await take(context, [text]);
  assert.deepEqual(progress, [
    { stage: "load weights", done: 0.25 },
    { stage: "load weights", done: 1 },
  ]);
  assert.equal(output.fatal?.message, "Cannot load");
  assert.deepEqual(output.lastLines, ["FATAL Cannot load"]);
});

test("ChildOutput makes lines safe for a terminal, and cuts long ones", async (context) => {
  const { output } = await take(context, ["\u001b[31mred\n\n", "x".repeat(1_000)]);
  assert.deepEqual(output.lastLines, ["\u{fffd}[31mred", "x".repeat(500)]);
});
