import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVllmVersions, parseVllmVersion, vllmVersionText } from "./version.ts";

test("parseVllmVersion() reads what vllm, its server and pip say", () => {
  for (const [text, expected] of [
    ["0.30.0", "0.30.0"],
    ["v0.27.1", "0.27.1"],
    ["0.28.0+cpu", "0.28.0"],
    ["0.8.5.post1", "0.8.5"],
    ["0.10.1.1", "0.10.1"],
    ["0.31.1.dev7+g1a2b3c.d20260820", "0.31.1"],
    ["0.24.0rc1", "0.24.0"],
    [" 1.2 ", "1.2.0"],
  ] as const)
    assert.equal(vllmVersionText(parseVllmVersion(text)!), expected, text);
});

test("parseVllmVersion() refuses what is no version", () => {
  for (const text of [
    "",
    "newest",
    "0",
    "0.30.x",
    "0.30.0 --port 1",
    "-0.30.0",
    `0.${"1".repeat(200)}`,
  ])
    assert.equal(parseVllmVersion(text), undefined, text);
});

test("compareVllmVersions() compares numbers, not letters", () => {
  const order = ["0.9.2", "0.20.0", "0.20.2", "0.33.0", "1.0.0"].map((text) =>
    parseVllmVersion(text)!,
  );
  assert.deepEqual(
    order.toReversed().sort(compareVllmVersions).map(vllmVersionText),
    order.map(vllmVersionText),
  );
  assert.equal(compareVllmVersions(order[0]!, order[0]!), 0);
});
