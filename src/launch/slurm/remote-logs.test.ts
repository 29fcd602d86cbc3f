import assert from "node:assert/strict";
import { test } from "node:test";
import { readRemoteLogs, TailParser } from "./remote-logs.ts";

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

test("readRemoteLogs() refuses to read from more nodes than it has steps for", async () => {
  const files = Array.from({ length: 65 }, (_, node) => {
    return { id: `rank-${node}`, logFile: `/l/${node}`, nodeName: `x${node}` };
  });
  const { signal } = new AbortController();
  const wish = { files, processIds: [], lineCount: 1, follow: false, signal, jobId: "1" };
  await assert.rejects(readRemoteLogs(wish).next(), {
    code: "SLURM_TOOL_FAILED",
    message: /logs of 65 nodes/,
  });
});
