import assert from "node:assert/strict";
import { test } from "node:test";
import { patternOf } from "./shown-text.ts";

function shows(shown: string, output: string): boolean {
  return patternOf(shown).test(output);
}

test("patternOf() takes whole lines, one after the other, anywhere in the output", () => {
  assert.ok(shows("b (1)\nc\n", "a\nb (1)\nc\nd\n"));
  assert.ok(!shows("b\nc\n", "a\nb\nx\nc\n"));
  assert.ok(!shows("b\n", "ab\n"));
  assert.ok(!shows("b\n", "bc\n"));
  assert.ok(!shows("b.c\n", "bxc\n"));
});

test("patternOf() lets … stand for anything in a line, and alone for any lines", () => {
  assert.ok(shows("a…d\n", "abcd\n"));
  assert.ok(!shows("a…d\n", "ab\ncd\n"));
  assert.ok(shows("a\n…\nd\n", "a\nb\nc\nd\n"));
  assert.ok(shows("a\n  …\nd\n", "a\nd\n"));
  assert.ok(!shows("a\n…\nd\n", "d\na\n"));
});

test("patternOf() takes times, pids, durations, ids and widths of columns as examples, and no other number", () => {
  assert.ok(shows("rank-0  ready  6099  1  4 s\n", "rank-0    ready  12  1         2 min\n"));
  assert.ok(!shows("rank-0  ready  6099  1  4 s\n", "rank-0  ready  6099  0  4 s\n"));
  assert.ok(!shows("rank-0  ready  6099  1  4 s\n", "rank-0  ready  -  1  4 s\n"));
  assert.ok(shows("14:29:51 pid 6040\n", "00:00:00 pid 7\n"));
  assert.ok(!shows("port 8000\n", "port 8001\n"));
  assert.ok(shows('deployment "k4fq2w"\n', 'deployment "z9z9z9"\n'));
});

test("patternOf() wants the same rank wherever the text shows the same", () => {
  const shown = "x-penstock-rank: 1\nx-penstock-rank: 1\n";
  assert.ok(shows(shown, "x-penstock-rank: 0\nx-penstock-rank: 0\n"));
  assert.ok(!shows(shown, "x-penstock-rank: 0\nx-penstock-rank: 1\n"));
  const apart = "x-penstock-rank: 2\nx-penstock-prefill-rank: 1\n";
  assert.ok(shows(apart, "x-penstock-rank: 2\nx-penstock-prefill-rank: 0\n"));
});
