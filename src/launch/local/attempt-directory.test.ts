import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test, type TestContext } from "node:test";
import { attemptsKeptMax, makeAttemptDirectory } from "./attempt-directory.ts";

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

test("makeAttemptDirectory() keeps the newest attempts, those in use and those of others", async (context) => {
  const output = temporaryDirectory(context);
  const made: string[] = [];
  const isThere = (path: string) => existsSync(path);
  for (let attempt = 0; attempt < attemptsKeptMax + 3; attempt++)
    made.push(await makeAttemptDirectory(output));
  assert.ok(made.every(isThere), "this process uses all of them");
  const [inUse, ofOthers, ...ended] = made;
  writeFileSync(join(ofOthers!, "supervisor.json"), '{"hostname":"another","pid":1}');
  for (const directory of ended) {
    const file = join(directory, "supervisor.json");
    const owner = JSON.parse(readFileSync(file, "utf8")) as object;
    writeFileSync(file, JSON.stringify({ ...owner, startTicks: "1" }));
  }
  const newest = await makeAttemptDirectory(output);
  const kept = [inUse!, ofOthers!, ...ended.slice(1 - attemptsKeptMax), newest];
  assert.deepEqual([...made, newest].filter(isThere), kept);
});
