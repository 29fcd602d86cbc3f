import assert from "node:assert/strict";
import { mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../test-support/within.ts";
import { FileWatch } from "./file-watch.ts";

test("FileWatch loads a file again when it is written, replaced, or behind a link that turns", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "penstock-watch-"));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, "file");
  await writeFile(path, "one");
  let text = "";
  let reloadCount = 0;
  const faults: string[] = [];
  const watch = await FileWatch.start([path], {
    intervalMs: 1,
    load: async () => void (text = await readFile(path, "utf8")),
    onReloaded: () => void reloadCount++,
    onFault: ({ message }) => void faults.push(message),
  });
  t.after(() => watch.close());
  assert.deepEqual([text, reloadCount], ["one", 0]);
  await writeFile(path, "two!");
  await eventually("the written text", () => text === "two!");
  await writeFile(`${path}-next`, "six!");
  await rename(`${path}-next`, path);
  await eventually("the other file's text", () => text === "six!");
  await rm(path);
  await eventually("the fault", () => faults.length > 0);
  assert.equal(text, "six!");
  await writeFile(`${path}-other`, "new");
  await symlink(`${path}-other`, path);
  await eventually("the text behind the link", () => text === "new");
  await eventually("it is told", () => reloadCount >= 3);
  assert.equal(faults.length, 1);
  assert.match(faults[0]!, /ENOENT/);
});

test("FileWatch.start() fails with what the first load fails with", async () => {
  const load = () => Promise.reject(new Error("unusable"));
  const options = { intervalMs: 1, load, onReloaded: assert.fail, onFault: assert.fail };
  await assert.rejects(FileWatch.start(["/none"], options), /unusable/);
});
