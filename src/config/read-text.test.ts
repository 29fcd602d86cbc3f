import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isPenstockError } from "../errors/mod.ts";
import { loadConfig } from "./load-config.ts";
import { fileBytesMax } from "./read-file.ts";
import { readText } from "./read-text.ts";

test("readText() reads a file up to its limit and one byte past it, and devices without an end", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-read-text-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "a.toml");
  for (const [length, read] of [
    [3, 3],
    [fileBytesMax, fileBytesMax],
    [fileBytesMax + 2, fileBytesMax + 1],
  ] as const) {
    writeFileSync(path, "#".repeat(length));
    assert.equal((await readText(path)).length, read);
  }
  writeFileSync(path, "ü".repeat(fileBytesMax));
  assert.ok(Buffer.byteLength(await readText(path)) > fileBytesMax);
  assert.equal((await readText("/dev/zero")).length, fileBytesMax + 1);
});

test("loadConfig() refuses a file that is not UTF-8", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-read-text-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "a.toml");
  writeFileSync(path, Buffer.from('model = "\u{fc}"', "latin1"));
  await assert.rejects(loadConfig(["@", path]), /Cannot read the file: it is not UTF-8 text/);
});

test("loadConfig() tells which files of the machine it cannot read", async () => {
  const words = ["@", "/dev/zero", "@", import.meta.dirname, "@", "/nowhere/a.toml"];
  await assert.rejects(loadConfig(words), (error) => {
    assert.ok(isPenstockError(error));
    assert.match(error.message, /\/dev\/zero\n +Cannot read the file: it is larger than 1048576/);
    assert.match(error.message, /src\/config\n +Cannot read the file: it is a directory/);
    assert.match(error.message, /a\.toml\n +Cannot read the file: there is no such file/);
    return true;
  });
});
