import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { catalogue } from "./catalogue.ts";

const topics = join(import.meta.dirname, "topics");

test("catalogue keeps every code of every topic: none is defined twice", async () => {
  const codes: string[] = [];
  for (const file of readdirSync(topics)) {
    const topic = (await import(join(topics, file))) as Record<string, object>;
    codes.push(...Object.values(topic).flatMap(Object.keys));
  }
  assert.deepEqual(codes.toSorted(), Object.keys(catalogue).toSorted());
});

test("catalogue codes are SCREAMING_SNAKE and each says when it appears", () => {
  for (const [code, { about }] of Object.entries(catalogue) as [string, { about: string }][]) {
    assert.match(code, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
    assert.match(about, /^[A-Z].*\.$/);
  }
});
