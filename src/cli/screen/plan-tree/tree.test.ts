import assert from "node:assert/strict";
import { test } from "node:test";
import { drawTrees, type Tree } from "./tree.ts";

const leaf = (label: string, ...facts: readonly string[]): Tree => ({
  label,
  facts,
  details: [],
  children: [],
});
const trees: readonly Tree[] = [
  { ...leaf("a", "one", "two"), children: [leaf("b", "three", "four", "five"), leaf("c")] },
  { ...leaf("d"), details: ["first \\", "  second"] },
];

test("drawTrees() draws children below their parent and details beside the line", () => {
  assert.equal(
    drawTrees(trees, {}).join("\n"),
    `
├─ a  one · two
│  ├─ b  three · four · five
│  └─ c
└─ d
      first \\
        second`.slice(1),
  );
});

test("drawTrees() breaks lines at facts where columns are few, and never cuts one", () => {
  const lines = drawTrees(trees, { columns: 16 });
  assert.deepEqual(lines.slice(0, 5), [
    "├─ a  one · two",
    "│  ├─ b  three",
    "│  │     four",
    "│  │     five",
    "│  └─ c",
  ]);
  for (const fact of ["three", "four", "five"])
    assert.ok(
      drawTrees(trees, { columns: 1 }).some((line) => line.includes(fact)),
      fact,
    );
});
