import assert from "node:assert/strict";
import { test } from "node:test";
import { splitWords } from "./split-words.ts";

test("splitWords() gives a flag the words up to the next flag or file", () => {
  const parts = splitWords(["--a.b", "1", "-2", "--c", "@", "x.toml", "@y.toml", "--d=e=f"]);
  assert.deepEqual(parts, [
    { kind: "flag", name: "a.b", words: ["1", "-2"], order: 0 },
    { kind: "flag", name: "c", words: [], order: 3 },
    { kind: "file", path: "x.toml", order: 4 },
    { kind: "file", path: "y.toml", order: 6 },
    { kind: "flag", name: "d", words: ["e=f"], order: 7 },
  ]);
});

test("splitWords() keeps words that belong to nobody, and a file without a name", () => {
  assert.deepEqual(splitWords(["x", "--", "@"]), [
    { kind: "stray", word: "x", order: 0 },
    { kind: "stray", word: "--", order: 1 },
    { kind: "file", path: "", order: 2 },
  ]);
  assert.deepEqual(splitWords(["@", "--a"])[0], { kind: "file", path: "", order: 0 });
});
