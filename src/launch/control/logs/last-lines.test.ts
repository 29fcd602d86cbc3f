import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runtimeDirectory } from "../test-support/fake-deployment.ts";
import { lastLines } from "./last-lines.ts";

async function last(
  context: TestContext,
  content: string,
  { lineCount, bytesMax = 1_000_000 }: { readonly lineCount: number; readonly bytesMax?: number },
) {
  const path = join(runtimeDirectory(context), "x.log");
  writeFileSync(path, content);
  const file = await open(path, "r");
  try {
    const { bytes, ...about } = await lastLines(file, { lineCount, bytesMax });
    return { text: bytes.toString(), ...about };
  } finally {
    await file.close();
  }
}

test("lastLines() gives the last whole lines and what stands behind them", async (context) => {
  const about = { lineCount: 2, end: 8, isWhole: false };
  assert.deepEqual(await last(context, "a\nb\nc\nd\n", { lineCount: 2 }), {
    text: "c\nd\n",
    ...about,
  });
  assert.deepEqual(await last(context, "a\nb\nc\nde", { lineCount: 2 }), {
    text: "b\nc\nde",
    ...about,
  });
  assert.deepEqual(await last(context, "a\nb\nc\nde", { lineCount: 0 }), {
    text: "de",
    ...about,
    lineCount: 0,
  });
  assert.equal((await last(context, "\n\n\n", { lineCount: 2 })).text, "\n\n");
});

test("lastLines() gives all of a file that has no more lines, and says so", async (context) => {
  assert.deepEqual(await last(context, "a\nb", { lineCount: 5 }), {
    text: "a\nb",
    lineCount: 1,
    end: 3,
    isWhole: true,
  });
  assert.deepEqual(await last(context, "a\nb\n", { lineCount: 2 }), {
    text: "a\nb\n",
    lineCount: 2,
    end: 4,
    isWhole: true,
  });
  assert.deepEqual(await last(context, "", { lineCount: 5 }), {
    text: "",
    lineCount: 0,
    end: 0,
    isWhole: true,
  });
});

test("lastLines() reads backwards as far as it has to, and no further than it may", async (context) => {
  const lines = Array.from({ length: 50_000 }, (_, index) => `line ${index}\n`);
  const many = await last(context, lines.join(""), { lineCount: 20_000 });
  assert.equal(many.text, lines.slice(30_000).join(""));
  const few = await last(context, lines.join(""), { lineCount: 20_000, bytesMax: 100 });
  assert.ok(few.text.length <= 100 && few.lineCount < 10 && !few.isWhole);
  assert.ok(lines.includes(few.text.split("\n")[0]! + "\n"), "no line without its beginning");
});
