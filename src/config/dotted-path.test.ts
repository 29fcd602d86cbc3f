import assert from "node:assert/strict";
import { test } from "node:test";
import { dotted } from "./dotted-path.ts";

test("dotted() quotes names that are not bare, so that no two paths look alike", () => {
  assert.equal(dotted(["env_vars", "A-b"]), "env_vars.A-b");
  assert.equal(dotted(["x", "a.b"]), 'x."a.b"');
  assert.equal(dotted(["x", ""]), 'x.""');
});
