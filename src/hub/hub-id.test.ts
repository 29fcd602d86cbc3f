import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHubId, parseHubId } from "./hub-id.ts";

test("parseHubId() reads a model's name, and a revision behind it", () => {
  const main = { name: "Qwen/Qwen3-0.6B", revision: "main" };
  assert.deepEqual(parseHubId("Qwen/Qwen3-0.6B"), main);
  assert.deepEqual(parseHubId("a/b_c.d@refs/pr/1"), { name: "a/b_c.d", revision: "refs/pr/1" });
  for (const text of ["a/b", "a/b@v1.0"]) assert.equal(formatHubId(parseHubId(text)!), text);
});

test("parseHubId() leaves paths and what a hub would not take", () => {
  const others =
    "x|/a/b|./a|../a|a/..|a/b/c|~/a|a/b@|a/b@../c|a/b@x//y|a/b@x/./y|a--b/c|a/-b|a/b.|";
  for (const text of [...others.split("|"), "a b/c", "a/b\n", `a/${"b".repeat(97)}`, "a/b@-x"])
    assert.equal(parseHubId(text), undefined, JSON.stringify(text));
});
