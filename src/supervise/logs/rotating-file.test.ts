import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { RotatingFile } from "./rotating-file.ts";

test("RotatingFile keeps the newest two files, at its limit", (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-log-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "rank-0.log");
  const file = new RotatingFile(path, assert.fail, 10);
  for (const text of ["12345", "67890", "abcde", "fghij", "k"]) file.write(Buffer.from(text));
  file.close();
  assert.equal(readFileSync(path, "utf8"), "k");
  assert.equal(readFileSync(`${path}.1`, "utf8"), "abcdefghij");
  assert.equal(file.droppedWrites, 0);
});

test("RotatingFile drops and counts what the disk does not take, and tells it once", () => {
  const losses: string[] = [];
  const file = new RotatingFile("/dev/full", (reason) => losses.push(reason));
  file.write(Buffer.from("lost"));
  file.write(Buffer.from("lost"));
  assert.equal(file.droppedWrites, 2);
  file.close();
  assert.equal(losses.length, 1);
  assert.match(losses[0]!, /ENOSPC/);
});

test("RotatingFile survives a directory that vanishes, and goes on when it is back", (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-log-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "rank-0.log");
  const file = new RotatingFile(path, undefined, 5);
  file.write(Buffer.from("12345"));
  rmSync(directory, { recursive: true });
  file.write(Buffer.from("lost"));
  assert.equal(file.droppedWrites, 1);
  mkdirSync(directory);
  file.write(Buffer.from("abc"));
  file.close();
  assert.equal(readFileSync(path, "utf8"), "abc");
});

test("RotatingFile goes on where an earlier file of its name ended", (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-log-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "rank-0.log");
  for (const text of ["1234", "5678", "9"]) {
    const file = new RotatingFile(path, assert.fail, 8);
    file.write(Buffer.from(text));
    file.close();
  }
  assert.equal(readFileSync(path, "utf8"), "9");
  assert.equal(readFileSync(`${path}.1`, "utf8"), "12345678");
});
