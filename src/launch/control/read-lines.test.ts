import assert from "node:assert/strict";
import { test } from "node:test";
import { readLines } from "./read-lines.ts";

async function* chunks(...texts: readonly string[]) {
  for (const text of texts) yield Buffer.from(text);
}

async function gather(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

test("readLines() joins and parts chunks at line ends, and drops what was cut off", async () => {
  const lines = await gather(readLines(chunks("a", "b\nc\n\nd", "e\nf"), 100));
  assert.deepEqual(lines, ["ab", "c", "", "de"]);
});

test("readLines() refuses a line past the limit, whole or unfinished", async () => {
  assert.deepEqual(await gather(readLines(chunks("1234\n"), 5)), ["1234"]);
  await assert.rejects(gather(readLines(chunks("12345\n"), 5)), RangeError);
  await assert.rejects(gather(readLines(chunks("123", "45"), 5)), RangeError);
});
