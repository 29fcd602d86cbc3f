import assert from "node:assert/strict";
import { test } from "node:test";
import { lineLengthMax, LineSplitter, rewrittenLineEnd } from "./line-splitter.ts";

test("LineSplitter keeps lines and characters whole across chunks", () => {
  const bytes = Buffer.from("größe\nzwei\ndrei");
  for (let cut = 0; cut <= bytes.length; cut++) {
    const splitter = new LineSplitter();
    const lines = [...splitter.push(bytes.subarray(0, cut)), ...splitter.push(bytes.subarray(cut))];
    assert.deepEqual([...lines, ...splitter.end()], ["größe", "zwei", "drei"]);
  }
});

test("LineSplitter cuts a line at its limit, and gives nothing for no rest", () => {
  const splitter = new LineSplitter();
  const lines = splitter.push(Buffer.from("x".repeat(lineLengthMax * 2 + 1)));
  assert.deepEqual(
    lines.map(({ length }) => length),
    [lineLengthMax, lineLengthMax],
  );
  assert.deepEqual(splitter.end(), ["x"]);
  assert.deepEqual(splitter.end(), []);
});

test("LineSplitter takes a carriage return for a line end where it is told to", () => {
  const splitter = new LineSplitter(rewrittenLineEnd);
  const lines = [...splitter.push(Buffer.from("\r25 %\r50 %\r\nend\r"))];
  assert.deepEqual([...lines, ...splitter.end()], ["", "25 %", "50 %", "end"]);
});

test("LineSplitter leaves carriage returns alone otherwise", () => {
  assert.deepEqual(new LineSplitter().push(Buffer.from("a\rb\r\n")), ["a\rb\r"]);
});
