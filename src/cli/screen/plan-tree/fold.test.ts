import assert from "node:assert/strict";
import { test } from "node:test";
import { type Part, treesOf } from "./fold.ts";

function part(label: string, likeness: string, children: readonly Part[] = []): Part {
  const node = Number(label.slice(1));
  return {
    tree: { label, facts: [], details: [] },
    likeness,
    exact: likeness,
    spans: { nodes: [node] },
    children,
  };
}

const labels = (parts: readonly Part[], fold: boolean) =>
  treesOf(parts, fold).map(({ label, facts }) => [label, ...facts].join(" "));

test("treesOf() folds neighbours that are alike, and says how many and where", () => {
  const parts = [
    part("n0", "x"),
    part("n1", "y"),
    part("n2", "y"),
    part("n3", "y"),
    part("n4", "x"),
  ];
  assert.deepEqual(labels(parts, true), ["n0", "n1", "n2 … n3 2 like n1 nodes 2-3", "n4"]);
  assert.deepEqual(labels(parts, false), ["n0", "n1", "n2", "n3", "n4"]);
});

test("treesOf() folds two only where that saves a line", () => {
  assert.deepEqual(labels([part("n0", "x"), part("n1", "x")], true), ["n0", "n1"]);
  const below = [part("n9", "z")];
  const parts = [part("n0", "x", below), part("n1", "x", below)];
  assert.deepEqual(labels(parts, true), ["n0", "n1 like n0 nodes 1"]);
});

test("treesOf() folds at every depth", () => {
  const below = [part("n1", "z"), part("n2", "z"), part("n3", "z")];
  const [tree] = treesOf([part("n0", "x", below)], true);
  assert.deepEqual(
    tree!.children.map(({ label }) => label),
    ["n1", "n2 … n3"],
  );
});
