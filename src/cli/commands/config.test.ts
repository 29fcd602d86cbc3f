import assert from "node:assert/strict";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";

test("penstock config hands files and flags over unread, also those that the command line knows", async () => {
  const { exitCode, stderr } = await runPenstock(["config", "--version", "--", "@", "no.toml"]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /--version\n +Unknown key/);
  assert.match(stderr, /no\.toml\n +Cannot read the file/);
});

test("penstock config explains itself and its own flags, also behind other words", async () => {
  for (const words of [["--help"], ["@", "no.toml", "-h"]]) {
    const { stdout, exitCode } = await runPenstock(["config", ...words]);
    assert.equal(exitCode, 0);
    for (const text of ["--json ", "--schema ", "penstock config @ examples/dp2.toml"])
      assert.ok(stdout.includes(text), text);
  }
});
