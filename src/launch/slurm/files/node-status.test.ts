import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNodeStatus } from "./node-status.ts";

test("parseNodeStatus() takes nothing for a status that is none", () => {
  for (const text of ["", "{", "null", "{}", '{"slurm":{"node":1},"writtenAtMs":1,"view":{}}'])
    assert.equal(parseNodeStatus(text), undefined, text);
});
