import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scratchDirectory } from "../test-support/scratch-directory.ts";
import { ownAttempt, whoOwnsAttempt } from "./attempt-owner.ts";

test("whoOwnsAttempt() knows a running owner from one that has ended, also when its pid is given again", (context) => {
  const directory = scratchDirectory(context);
  const file = join(directory, "supervisor.json");
  assert.equal(whoOwnsAttempt(directory), "unknown");
  ownAttempt(directory);
  assert.equal(whoOwnsAttempt(directory), "somebody");
  const owner = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const withChanges = (changes: object) => {
    writeFileSync(file, JSON.stringify({ ...owner, ...changes }));
    return whoOwnsAttempt(directory);
  };
  assert.equal(withChanges({ startTicks: "1" }), "nobody");
  assert.equal(withChanges({ pid: 4_194_304 }), "nobody");
  assert.equal(withChanges({ hostname: "another" }), "unknown");
  assert.equal(withChanges({ pid: "1" }), "unknown");
  writeFileSync(file, '{"pid":');
  assert.equal(whoOwnsAttempt(directory), "unknown");
});
