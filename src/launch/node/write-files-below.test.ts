import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scratchDirectory } from "../test-support/scratch-directory.ts";
import { writeFilesBelow } from "./write-files-below.ts";

test("writeFilesBelow() writes every file into folders of its own, over older ones", async (context) => {
  const output = join(scratchDirectory(context), "outputs");
  await writeFilesBelow(output, [{ path: "a.json", content: "old" }]);
  await writeFilesBelow(output, [
    { path: "a.json", content: "{}" },
    { path: "router-0/epp.json", content: "{ }" },
  ]);
  assert.equal(readFileSync(join(output, "a.json"), "utf8"), "{}");
  assert.equal(readFileSync(join(output, "router-0", "epp.json"), "utf8"), "{ }");
});

test("writeFilesBelow() writes nothing where one of the files would be outside", async (context) => {
  const output = join(scratchDirectory(context), "outputs");
  for (const path of ["../evil", "a/../../outputs2/evil", "/etc/evil", ""]) {
    const files = [
      { path: "good", content: "" },
      { path, content: "" },
    ];
    await assert.rejects(writeFilesBelow(output, files), { code: "PLANNED_FILE_OUTSIDE" });
  }
  assert.equal(existsSync(output), false);
});

test("writeFilesBelow() says which directory it could not write", async (context) => {
  const file = join(scratchDirectory(context), "a-file");
  writeFileSync(file, "");
  await assert.rejects(writeFilesBelow(file, [{ path: "x", content: "" }]), {
    code: "OUTPUT_DIR_NOT_WRITABLE",
    message: /a-file.*(?:ENOTDIR|EEXIST)/,
  });
});
