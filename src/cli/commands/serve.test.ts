import assert from "node:assert/strict";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";

test("penstock serve hands files and flags over unread, also those that the command line knows", async () => {
  const { exitCode, stderr } = await runPenstock([
    "serve",
    "--version",
    "-x",
    "--",
    "@",
    "no.toml",
  ]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /it has 2 mistakes/);
  assert.match(stderr, /--version\n +Unknown key/);
  assert.match(stderr, /no\.toml\n +Cannot read the file: there is no such file/);
});
