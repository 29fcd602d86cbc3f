import assert from "node:assert/strict";
import { test } from "node:test";
import { isAtLeast } from "./vllm-version.ts";

test("isAtLeast() compares numbers, not text", () => {
  for (const [version, least, expected] of [
    ["0.9.2", "0.23", false],
    ["0.23", "0.23", true],
    ["0.23.1.dev0+cu130", "0.23", true],
    ["0.22.9", "0.23", false],
    ["1.0", "0.23", true],
  ] as const)
    assert.equal(isAtLeast(version, least), expected, version);
});
