import assert from "node:assert/strict";
import { test } from "node:test";
import { jobFiles } from "./job-files.ts";

test("jobFiles() names the files of each node", () => {
  const files = jobFiles("/o", { jobId: "7", restartCount: 0 });
  assert.equal(files.status(3), "/o/logs/attempt_7/nodes/node-3.json");
  assert.equal(files.cause(3), "/o/logs/attempt_7/nodes/cause-3.json");
});
