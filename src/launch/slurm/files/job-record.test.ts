import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { keepRecord, readRecord, recordsDirectory, recordsOf } from "./job-record.ts";

function scratch(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-job-record-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "jobs");
}

function record(jobId: string, submittedAtMs = 0) {
  return { jobId, submittedAtMs, outputDirectory: "/o", sharedFs: true };
}

test("keepRecord() keeps what readRecord() finds", async (context) => {
  const directory = scratch(context);
  assert.equal(await readRecord("12", directory), undefined);
  await keepRecord(record("12"), directory);
  assert.deepEqual(await readRecord("12", directory), record("12"));
  assert.deepEqual(await recordsOf("/o", directory), [record("12")]);
  assert.deepEqual(await recordsOf("/other", directory), []);
});

test("keepRecord() keeps the newest 200", async (context) => {
  const directory = scratch(context);
  for (let id = 1; id <= 205; id++) await keepRecord(record(String(id), id), directory);
  assert.equal(readdirSync(directory).length, 200);
  assert.equal(await readRecord("5", directory), undefined);
  assert.deepEqual(await readRecord("6", directory), record("6", 6));
});

test("readRecord() takes nothing for a record that is none", async (context) => {
  const directory = scratch(context);
  await keepRecord(record("1"), directory);
  writeFileSync(join(directory, "2.json"), '{"jobId":"2"}');
  writeFileSync(join(directory, "3.json"), "{");
  assert.equal(await readRecord("2", directory), undefined);
  assert.deepEqual(await recordsOf("/o", directory), [record("1")]);
});

test("recordsDirectory() obeys XDG_STATE_HOME", () => {
  assert.equal(recordsDirectory({ XDG_STATE_HOME: "/s" }), "/s/penstock/jobs");
  assert.match(recordsDirectory({ XDG_STATE_HOME: "relative" }), /\.local\/state\/penstock\/jobs$/);
});
