import assert from "node:assert/strict";
import { test } from "node:test";
import { TailParser } from "./tail-parser.ts";

function parse(chunks: readonly string[]): readonly string[] {
  const parser = new TailParser(
    new Map([
      ["/l/a.log", "a"],
      ["/l/b.log", "b"],
    ]),
  );
  const entries = chunks.flatMap((chunk) => parser.push(Buffer.from(chunk)));
  return entries.map(({ processId, line }) => `${processId}:${line}`);
}

test("TailParser tells whose line it is, however the text is cut", () => {
  const text = "==> /l/a.log <==\none\ntwo\n\n==> /l/b.log <==\nthree\n\n==> /l/a.log <==\nfour\n";
  const wanted = ["a:one", "a:two", "b:three", "a:four"];
  assert.deepEqual(parse([text]), wanted);
  assert.deepEqual(parse(text.split("")), wanted);
});

test("TailParser keeps blank lines and lines that look like heads of other files", () => {
  const text = "==> /l/a.log <==\none\n\ntwo\n==> /elsewhere <==\n";
  assert.deepEqual(parse([text]), ["a:one", "a:", "a:two", "a:==> /elsewhere <=="]);
});
