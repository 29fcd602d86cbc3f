import assert from "node:assert/strict";
import { test } from "node:test";
import { readRemoteLogs } from "./read-remote-logs.ts";

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
