import assert from "node:assert/strict";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";

test("penstock ranks explains itself and takes URLs of ranks only", async () => {
  const { stdout, exitCode } = await runPenstock(["ranks", "--help"]);
  assert.equal(exitCode, 0);
  for (const name of ["list", "add", "drain", "remove"])
    assert.match(stdout, new RegExp(`penstock ranks ${name}`));
  const add = await runPenstock(["ranks", "add", "--help"]);
  assert.match(add.stdout, /\[--role prefill\|decode\] \[--index N\] URL/);
  for (const words of [["ranks"], ["ranks", "add"], ["ranks", "add", "10.0.0.3:8100"]]) {
    const { stderr, exitCode: code } = await runPenstock(words);
    assert.equal(code, words.length === 1 ? 0 : 2, stderr);
  }
});
