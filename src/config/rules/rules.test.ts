import assert from "node:assert/strict";
import { test } from "node:test";
import { readdirSync } from "node:fs";
import { configSchema } from "../schema/config.ts";
import { rules } from "./rules.ts";

test("rules holds the rule of every file beside it, once", () => {
  const files = readdirSync(import.meta.dirname).filter((name) => !name.endsWith(".test.ts"));
  const inNoFile = new Set([
    "finding.ts",
    "offload-in-use.ts",
    "ranks-that-fit.ts",
    "rules.ts",
    "vllm-version.ts",
  ]);
  const names = files.filter((name) => !inNoFile.has(name)).map(toFunctionName);
  assert.deepEqual(rules.map((rule) => rule.name).toSorted(), names.toSorted());
});

test("rules have nothing to say about the defaults", () => {
  const config = configSchema.parse({});
  for (const rule of rules)
    assert.deepEqual(
      rule(config, () => false),
      [],
      rule.name,
    );
});

function toFunctionName(file: string): string {
  return file.replace(/\.ts$/, "").replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
