import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonText } from "./json-text.ts";

test("jsonText() is read back as what was written", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = jsonText(value);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      assert.equal(jsonText(JSON.parse(text)), text);
    }),
  );
});

test("jsonText() breaks what is too long for a line, and nothing else", () => {
  const long = "x".repeat(90);
  const lines = [
    "{",
    '  "short": [1, { "a": null }],',
    '  "empty": [],',
    '  "none": {},',
    '  "long": [',
    `    "${long}"`,
    "  ]",
    "}",
    "",
  ];
  const value = { short: [1, { a: null }], empty: [], none: {}, long: [long] };
  assert.equal(jsonText(value), lines.join("\n"));
});

test("jsonText() leaves out what JSON has no word for", () => {
  assert.equal(jsonText({ a: undefined, b: 1 }), '{ "b": 1 }\n');
});
