import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { PenstockError } from "../../../errors/mod.ts";
import {
  causeOfComment,
  commentOfCause,
  describeCause,
  firstCause,
  parseCause,
  writeCauseFile,
} from "./cause-file.ts";

const at = { node: 2, timeMs: 100 };
const error = new PenstockError("PROCESS_ENDED", {
  id: "rank-2",
  ending: "ended with exit code 3",
  logFile: "/o/rank-2.log",
  lastLines: "",
});

test("describeCause() keeps code, message and hint, and the code that a process named itself", () => {
  const cause = describeCause(error, at);
  assert.deepEqual(cause, {
    ...at,
    hostname: hostname(),
    code: "PROCESS_ENDED",
    message: error.message,
    hint: error.hint,
  });
  const gaveUp = new PenstockError("PROCESS_GAVE_UP", {
    id: "rank-2",
    ending: "ended with exit code 1",
    reason: "no weights",
    reasonCode: "WEIGHTS_MISSING",
    reasonHint: "copy them",
    logFile: "",
  });
  assert.equal(describeCause(gaveUp, at).code, "WEIGHTS_MISSING");
  assert.equal(describeCause(new TypeError("x"), at).code, "UNEXPECTED");
});

test("writeCauseFile() writes what parseCause() reads", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-cause-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const cause = describeCause(error, at);
  await writeCauseFile(join(directory, "cause-2.json"), cause);
  assert.deepEqual(parseCause(readFileSync(join(directory, "cause-2.json"), "utf8")), cause);
  for (const text of ["", "{", "null", "{}", '{"timeMs":"1"}'])
    assert.equal(parseCause(text), undefined);
});

test("commentOfCause() travels through a job's comment, cut to what it holds", () => {
  const cause = { ...describeCause(error, at), message: 'a "b" JobState=FAILED\nc', hint: "h" };
  assert.match(commentOfCause(cause), /^penstock-cause:[\w-]+$/);
  assert.deepEqual(causeOfComment(commentOfCause(cause)), cause);
  const long = { ...cause, message: "m".repeat(5_000) };
  assert.equal(causeOfComment(commentOfCause(long))?.message.length, 1_000);
  assert.equal(causeOfComment("mine"), undefined);
  assert.equal(causeOfComment("penstock-cause:??"), undefined);
});

test("firstCause() is the earliest of all nodes", () => {
  const cause = describeCause(error, at);
  const later = { ...cause, node: 0, timeMs: 200 };
  assert.equal(firstCause([later, cause]), cause);
  assert.equal(firstCause([]), undefined);
});
