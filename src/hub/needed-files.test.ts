import assert from "node:assert/strict";
import { test } from "node:test";
import { smallFilesOf, weightNames } from "./needed-files.ts";

const listed = [
  "README.md",
  "config.json",
  "tokenizer.json",
  "chat_template.jinja",
  "original/config.json",
  "model.safetensors",
].map((path) => ({ path, bytes: 1, etag: "", isLfs: false }));

test("smallFilesOf() takes what the engine reads, or what tells the shape", () => {
  const namesOf = (part: "all" | "config") => smallFilesOf(listed, part).map(({ path }) => path);
  assert.deepEqual(namesOf("all"), ["config.json", "tokenizer.json", "chat_template.jinja"]);
  assert.deepEqual(namesOf("config"), ["config.json"]);
});

test("weightNames() prefers the single file, and reads an index with suspicion", () => {
  const indexOf = (...names: readonly unknown[]) =>
    JSON.stringify({ weight_map: Object.fromEntries(names.entries()) });
  assert.deepEqual(weightNames(true, indexOf("b.safetensors")), ["model.safetensors"]);
  const pair = indexOf("a-1.safetensors", "a-2.safetensors", "a-1.safetensors");
  assert.deepEqual(weightNames(false, pair), ["a-1.safetensors", "a-2.safetensors"]);
  const many = indexOf(...Array.from({ length: 1_001 }, (_, at) => `${at}.safetensors`));
  const bad = [
    "",
    "[]",
    "{}",
    indexOf(),
    indexOf("../a.safetensors"),
    indexOf("a.bin"),
    indexOf(1),
  ];
  for (const index of [undefined, many, ...bad]) assert.equal(weightNames(false, index), undefined);
});
