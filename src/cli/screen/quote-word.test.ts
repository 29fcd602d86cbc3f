import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { quoteWord } from "./quote-word.ts";

test("quoteWord() is read by a shell as what was written", () => {
  for (const word of ["plain", "", "two words", "it's", "$HOME", "`id`", 'a"b', "a\nb", "{node:0}"])
    assert.equal(execFileSync("sh", ["-c", `printf %s ${quoteWord(word)}`]).toString(), word);
  assert.equal(quoteWord("/run/p.sock"), "/run/p.sock");
});
