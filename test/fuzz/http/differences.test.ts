import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "./compare.ts";
import { differences, explain } from "./differences.ts";
import { readAsNode } from "./node-parser.ts";
import { readAsPenstock } from "./penstock-parser.ts";

for (const difference of differences) {
  test(`the listed difference "${difference.name}" occurs`, () => {
    const input = { cuts: [], method: "POST", ends: false, ...difference.example };
    const divergence = compare(readAsPenstock(input), readAsNode(input));
    assert.ok(divergence !== undefined, "the two read its example alike");
    assert.equal(explain(divergence, input)?.name, difference.name);
  });
}

test("the listed differences have names of their own", () => {
  assert.equal(new Set(differences.map(({ name }) => name)).size, differences.length);
});
