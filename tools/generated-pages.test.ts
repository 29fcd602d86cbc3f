import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { generatedPages } from "./generated-pages.ts";

test("generatedPages() are current in the repository", () => {
  for (const [path, content] of Object.entries(generatedPages()))
    assert.equal(
      readFileSync(new URL(`../${path}`, import.meta.url), "utf8"),
      content,
      `run "npm run docs" to renew ${path}`,
    );
});
