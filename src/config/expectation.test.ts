import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { describeExpectation } from "./expectation.ts";

const cases: readonly (readonly [schema: z.ZodType, words: string])[] = [
  [z.boolean(), "true or false"],
  [z.int(), "a whole number"],
  [z.int().min(1), "a whole number of at least 1"],
  [z.int().min(0).max(9).nullable().default(null), 'a whole number from 0 to 9 or "None"'],
  [z.boolean().nullable().default(null), 'true or false or "None"'],
  [z.string().meta({ expected: "a path" }).nullable().meta({ unit: "x" }), 'a path or "None"'],
  [z.number().max(1), "a number of at most 1"],
  [z.string(), "text"],
  [z.string().min(1), "text that is not empty"],
  [z.enum(["a", "b"]).default("a"), 'one of "a", "b"'],
  [z.array(z.int()).max(3), "a list of at most 3 entries, each a whole number"],
  [z.string().meta({ expected: "a host name" }), "a host name"],
  [z.record(z.string(), z.string()), "a table of texts"],
  [z.record(z.string(), z.number()), "a table of numbers"],
  [z.record(z.string(), z.json()).default({}), "a table of JSON values"],
];

test("describeExpectation() says in words what a key takes", () => {
  for (const [schema, words] of cases) assert.equal(describeExpectation(schema), words);
});
