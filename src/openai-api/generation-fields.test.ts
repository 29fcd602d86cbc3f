import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { generationFields } from "./generation-fields.ts";
import { parseFields } from "./parse-fields.ts";

const schema = z.object(generationFields);

test("generationFields take null for every field", () => {
  const nulls = Object.fromEntries(Object.keys(generationFields).map((name) => [name, null]));
  assert.deepEqual(parseFields(schema, nulls), nulls);
});

for (const [field, value] of Object.entries({
  temperature: "0.5",
  n: 1.5,
  seed: 2 ** 64,
  max_tokens: "5",
  stop_token_ids: [-1],
  logit_bias: { "1": "x" },
  truncation_side: "middle",
  stream: 1,
}))
  test(`generationFields refuse ${field} ${JSON.stringify(value)}`, () => {
    assert.throws(() => parseFields(schema, { [field]: value }), {
      status: 400,
      message: new RegExp(`body\\.${field}`),
    });
  });
