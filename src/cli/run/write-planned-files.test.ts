import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { writePlannedFiles } from "./write-planned-files.ts";

const directory = mkdtempSync(join(tmpdir(), "penstock-files-"));
after(() => rmSync(directory, { recursive: true, force: true }));

test("writePlannedFiles() writes every file into folders of its own, over older ones", async () => {
  const output = join(directory, "outputs");
  await writePlannedFiles(output, [{ path: "a.json", content: "old" }]);
  await writePlannedFiles(output, [
    { path: "a.json", content: "{}" },
    { path: "router-0/epp.json", content: "{ }" },
  ]);
  assert.equal(readFileSync(join(output, "a.json"), "utf8"), "{}");
  assert.equal(readFileSync(join(output, "router-0", "epp.json"), "utf8"), "{ }");
  assert.ok(existsSync(join(output, "logs")));
});

test("writePlannedFiles() says which directory it could not write", async () => {
  const file = join(directory, "a-file");
  writeFileSync(file, "");
  await assert.rejects(writePlannedFiles(file, []), {
    code: "OUTPUT_DIR_NOT_WRITABLE",
    message: /a-file/,
  });
});
