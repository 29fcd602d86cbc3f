import assert from "node:assert/strict";
import { test } from "node:test";
import type { Assignment } from "./origin.ts";
import { remove, settle, valueAt } from "./settle.ts";

let order = 0;
const set = (path: string, value: unknown): Assignment => ({
  path: path.split("."),
  value,
  origin: { kind: "flag", flag: `--${path}`, order: order++ },
});
const plain = (table: unknown) => JSON.parse(JSON.stringify(table)) as unknown;

test("settle() merges tables and replaces everything else", () => {
  const { table } = settle([set("a.x", 1), set("a.y", [1, 2]), set("a.x", 2), set("a.y", [3])]);
  assert.deepEqual(plain(table), { a: { x: 2, y: [3] } });
});

test("settle() keeps what a table holds when an empty one is set, and drops it with null", () => {
  const on = [set("a.x", 1), set("a", {})];
  assert.deepEqual(plain(settle(on).table), { a: { x: 1 } });
  const off = settle([...on, set("a", null)]);
  assert.deepEqual(plain(off.table), { a: null });
  assert.deepEqual([...off.origins.keys()], ["a"]);
  const again = settle([...on, set("a", null), set("a.y", 2)]);
  assert.deepEqual(plain(again.table), { a: { y: 2 } });
  assert.deepEqual([...again.origins.keys()], ["a.y"]);
});

test("settle() lets a value take the place of a table, and a table that of a value", () => {
  assert.deepEqual(plain(settle([set("a.b.c", 1), set("a.b", 2)]).table), { a: { b: 2 } });
  assert.deepEqual(plain(settle([set("a.b", 2), set("a.b.c", 1)]).table), { a: { b: { c: 1 } } });
  assert.deepEqual(plain(settle([set("a", 2), set("a", {})]).table), { a: {} });
});

test("settle() gives names that every object has no meaning", () => {
  const { table } = settle([set("a.toString.x", 1)]);
  assert.equal(valueAt(table, ["a", "toString", "x"]), 1);
  assert.equal(valueAt(table, ["a", "hasOwnProperty"]), undefined);
});

test("remove() takes a value and what is below it back", () => {
  const settled = settle([set("a.b.c", 1), set("a.d", 2)]);
  remove(settled, ["a", "b"]);
  assert.deepEqual(plain(settled.table), { a: { d: 2 } });
  assert.deepEqual([...settled.origins.keys()], ["a.d"]);
  remove(settled, ["x", "y"]);
});
