import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test, type TestContext } from "node:test";
import { makeAttemptDirectory } from "./attempt-directory.ts";

function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-launch-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test("makeAttemptDirectory() counts on from the highest attempt and points latest to the new one", async (context) => {
  const output = join(temporaryDirectory(context), "deep", "outputs");
  assert.equal(await makeAttemptDirectory(output), join(output, "logs", "attempt_0"));
  mkdirSync(join(output, "logs", "attempt_41"));
  mkdirSync(join(output, "logs", "attempt_x"));
  assert.equal(await makeAttemptDirectory(output), join(output, "logs", "attempt_42"));
  assert.equal(readlinkSync(join(output, "logs", "latest")), "attempt_42");
});

test("makeAttemptDirectory() gives each of several deployments at once a folder of its own", async (context) => {
  const output = temporaryDirectory(context);
  const made = await Promise.all(Array.from({ length: 20 }, () => makeAttemptDirectory(output)));
  assert.equal(new Set(made.map((path) => basename(path))).size, 20);
  assert.ok(statSync(join(output, "logs", "latest")).isDirectory());
});

test("makeAttemptDirectory() says why it cannot write", async (context) => {
  const file = join(temporaryDirectory(context), "file");
  writeFileSync(file, "");
  await assert.rejects(makeAttemptDirectory(file), {
    code: "OUTPUT_DIR_NOT_WRITABLE",
    message: /ENOTDIR/,
  });
});
