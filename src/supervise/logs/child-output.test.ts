import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { test, type TestContext } from "node:test";
import { createLogger } from "../../telemetry/mod.ts";
import type { Progress } from "../deployment-view.ts";
import { ChildOutput, lastLinesMax } from "./child-output.ts";

/** Lets a process say this, in one chunk a text, and gives what was understood. */
async function take(context: TestContext, chunks: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), "penstock-log-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const progress: Progress[] = [];
  const output = new ChildOutput(join(directory, "x.log"), {
    onProgress: (one) => progress.push(one),
    onLoss: assert.fail,
  });
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

test("ChildOutput understands a progress bar that rewrites its line, and keeps it out of the last lines", async (context) => {
  const { output, progress, log } = await take(context, [
    "before\n\rLoading safetensors checkpoint shards:  25% Completed | 1/4 [00:01<00:03]",
    "\rLoading safetensors checkpoint shards:  50% Completed | 2/4 [00:02<00:02]\r\nafter\n",
  ]);
  assert.deepEqual(
    progress.map(({ done }) => done),
    [0.25, 0.5],
  );
  assert.deepEqual(output.lastLines, ["before", "after"]);
  assert.match(log, /\rLoading safetensors checkpoint shards: {2}25%/);
});

test("ChildOutput appends to the log when its process begins again, and forgets its last words", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-log-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const output = new ChildOutput(join(directory, "x.log"), {
    onProgress: () => assert.fail(),
    onLoss: assert.fail,
  });
  const stream = new PassThrough();
  output.take(stream);
  stream.end(logged((logger) => logger.fatal("Cannot load")));
  await finished(stream);
  output.beginAgain("x starts again");
  output.close();
  assert.deepEqual([output.fatal, output.lastLines], [undefined, []]);
  assert.match(readFileSync(output.logFile, "utf8"), /Cannot load.*\n--- x starts again ---\n$/);
});
