import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { makeJobDirectories } from "./make-job-directories.ts";

function scratch(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-job-files-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test("makeJobDirectories() makes the same folders on every node, whoever is first", async (context) => {
  const directory = scratch(context);
  const attempt = { jobId: "11", restartCount: 0 };
  const made = await Promise.all(
    [0, 1, 2, 3].map((node) =>
      makeJobDirectories(directory, attempt, { node, sharedFs: node < 3 }),
    ),
  );
  assert.equal(new Set(made.map(({ logDirectory }) => logDirectory)).size, 1);
  assert.equal(readlinkSync(join(directory, "logs", "latest")), "attempt_11");
  assert.deepEqual(readdirSync(join(directory, "logs")).toSorted(), ["attempt_11", "latest"]);
});

test("makeJobDirectories() gives a job that runs again folders of their own", async (context) => {
  const directory = scratch(context);
  await makeJobDirectories(
    directory,
    { jobId: "11", restartCount: 0 },
    { node: 0, sharedFs: true },
  );
  const again = await makeJobDirectories(
    directory,
    { jobId: "11", restartCount: 1 },
    { node: 0, sharedFs: true },
  );
  assert.equal(again.logDirectory, join(directory, "logs", "attempt_11_1"));
  assert.equal(readlinkSync(join(directory, "logs", "latest")), "attempt_11_1");
});

test("makeJobDirectories() says that the output directory cannot be written", async (context) => {
  const file = join(scratch(context), "file");
  writeFileSync(file, "");
  await assert.rejects(
    makeJobDirectories(file, { jobId: "1", restartCount: 0 }, { node: 0, sharedFs: true }),
    {
      code: "OUTPUT_DIR_NOT_WRITABLE",
    },
  );
});

test("makeJobDirectories() ends below a directory that answers as if it were not there", async () => {
  const attempt = { jobId: "1", restartCount: 0 };
  const made = makeJobDirectories("/proc/penstock", attempt, { node: 0, sharedFs: true });
  await assert.rejects(made, { code: "OUTPUT_DIR_NOT_WRITABLE" });
});

test("makeJobDirectories() leaves the link of a shared directory to the head node", async (context) => {
  const directory = scratch(context);
  await makeJobDirectories(
    directory,
    { jobId: "11", restartCount: 0 },
    { node: 1, sharedFs: true },
  );
  assert.deepEqual(readdirSync(join(directory, "logs")), ["attempt_11"]);
});
