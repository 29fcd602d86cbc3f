import assert from "node:assert/strict";
import { test } from "node:test";
import { isPenstockError, PenstockError } from "../errors/mod.ts";
import { causeDepthMax, packError, unpackError } from "./packed-error.ts";

const facts = { directory: "d", file: "f", purpose: "p" };

function cross(error: unknown): Error {
  return unpackError(structuredClone(packError(error)));
}

test("unpackError() gives back code, facts, message, hint, stack and causes", () => {
  const cause = new TypeError("ENOENT", { cause: "disk" });
  const error = new PenstockError("MODEL_FILE_MISSING", facts, { cause });
  const crossed = cross(error);
  assert(isPenstockError(crossed) && crossed instanceof PenstockError);
  assert.equal(crossed.code, error.code);
  assert.deepEqual(crossed.facts, facts);
  assert.equal(crossed.message, error.message);
  assert.equal(crossed.hint, error.hint);
  assert.equal(crossed.stack, error.stack);
  assert.equal((crossed.cause as Error).message, "ENOENT");
  assert.equal(((crossed.cause as Error).cause as Error).message, "disk");
});

test("unpackError() makes a plain error of anything else", () => {
  assert.equal(isPenstockError(cross(new RangeError("x"))), false);
  assert.equal(cross("text").message, "text");
});

test("packError() ends a chain of causes at its limit", () => {
  const error = new Error("round");
  error.cause = error;
  let depth = 0;
  for (let cause = cross(error).cause; cause !== undefined; cause = (cause as Error).cause) depth++;
  assert.equal(depth, causeDepthMax);
});
