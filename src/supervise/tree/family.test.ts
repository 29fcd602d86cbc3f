import assert from "node:assert/strict";
import { test } from "node:test";
import { findFamily, rememberFamily } from "./family.ts";
import type { ProcessEntry } from "./process-table.ts";

type Row = readonly [pid: number, parentPid: number, session: number, token?: string];

function tableOf(...rows: readonly Row[]): readonly ProcessEntry[] {
  return rows.map(([pid, parentPid, session, token]) => {
    return { pid, parentPid, session, startTime: `t${pid}`, token };
  });
}

const sorted = (pids: Iterable<number>) => [...pids].toSorted((a, b) => a - b);
const pidsOf = (family: readonly ProcessEntry[]) => sorted(family.map(({ pid }) => pid));

test("findFamily() finds those with the token, wherever they are", () => {
  const table = tableOf([1, 0, 1], [10, 1, 10, "a"], [20, 1, 20, "a"], [30, 1, 30, "b"]);
  assert.deepEqual(pidsOf(findFamily(table, "a")), [10, 20]);
  assert.deepEqual(findFamily(table, "c"), []);
});

test("findFamily() follows parents and sessions to those who lost the token", () => {
  const table = tableOf(
    [13, 12, 12],
    [12, 11, 12],
    [11, 10, 11],
    [10, 5, 10, "a"],
    [14, 1, 12],
    [5, 1, 5],
  );
  assert.deepEqual(pidsOf(findFamily(table, "a")), [10, 11, 12, 13, 14]);
});

test("findFamily() knows those it saw before, and those in a session of one who has gone", () => {
  const known = new Map([
    [10, "t10"],
    [20, "t20"],
  ]);
  const table = tableOf([20, 1, 20], [11, 1, 10], [30, 1, 30]);
  assert.deepEqual(pidsOf(findFamily(table, "a", known)), [11, 20]);
});

test("findFamily() does not take one who got the number of a member for the member", () => {
  const known = new Map([[10, "earlier"]]);
  assert.deepEqual(findFamily(tableOf([10, 1, 10], [11, 10, 10]), "a", known), []);
});

test("rememberFamily() keeps the living, and of the gone those who left a session", () => {
  const known = new Map([
    [10, "t10"],
    [40, "t40"],
  ]);
  const table = tableOf([11, 1, 10], [20, 1, 20, "a"]);
  const members = rememberFamily(table, findFamily(table, "a", known), known);
  assert.deepEqual(sorted(members.keys()), [10, 11, 20]);
});
