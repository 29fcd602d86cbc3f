import assert from "node:assert/strict";
import { test } from "node:test";
import { isPenstockError, PenstockError } from "./mod.ts";

test("PenstockError carries code, message, hint, facts and cause", () => {
  const cause = new Error("EADDRINUSE");
  const facts = {
    port: 8000,
    purpose: "the router",
    holder: "pid 7 (nginx)",
    flag: "--server.port",
  };
  const error = new PenstockError("PORT_IN_USE", facts, { cause });
  assert.equal(error.code, "PORT_IN_USE");
  assert.equal(
    error.message,
    "Cannot start the router: port 8000 is already in use by pid 7 (nginx)",
  );
  assert.equal(error.hint, "Stop pid 7 (nginx), or choose another port with --server.port");
  assert.equal(error.cause, cause);
  assert.deepEqual(error.facts, facts);
});

test("isPenstockError() tells operating errors from bugs", () => {
  assert.equal(isPenstockError(new Error("x")), false);
  assert.equal(isPenstockError("PORT_IN_USE"), false);
});
