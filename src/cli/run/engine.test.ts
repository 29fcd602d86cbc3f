import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";
import { parseLogLine } from "../../telemetry/mod.ts";

test("runEngine() names what a model directory lacks, in one fatal line when it is supervised", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-engine-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const words = ["engine", directory, "--port", "0"];
  const { stderr, exitCode } = await runPenstock(words, { PENSTOCK_SUPERVISED: "1" });
  assert.equal(exitCode, 1, stderr);
  const lines = stderr.trim().split("\n").map(parseLogLine);
  const fatal = lines.filter((line) => line?.level === "fatal");
  assert.equal(fatal.length, 1);
  assert.match(fatal[0]!.message, /config\.json/);
  assert.match(String(fatal[0]!["code"]), /^MODEL_/);
});
