import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { parseRequestHead } from "../http1/request-head.ts";
import { ApiKeys, keyOf } from "./api-keys.ts";

test("ApiKeys.has() knows its keys and no others", () => {
  const keys = new ApiKeys(["first", "second"]);
  assert.equal(keys.count, 2);
  for (const key of ["first", "second"]) assert.equal(keys.has(key), true);
  for (const key of ["", "firs", "First", "firstsecond", "first "]) {
    assert.equal(keys.has(key), false);
  }
  assert.equal(new ApiKeys([]).has(""), false);
});

test("ApiKeys shows no key to whoever prints it", () => {
  const keys = new ApiKeys(["very-secret"]);
  assert.doesNotMatch(inspect(keys, { showHidden: true, depth: 9 }), /very-secret/);
  assert.equal(JSON.stringify(keys), "{}");
});

test("keyOf() reads what stands behind the scheme, in any case of it", () => {
  const keyIn = (...lines: readonly string[]) =>
    keyOf(parseRequestHead(["GET / HTTP/1.1", "host: x", ...lines].join("\r\n"), 9));
  assert.equal(keyIn("Authorization: Bearer k-1"), "k-1");
  assert.equal(keyIn("authorization: BEARER   a:b=="), "a:b==");
  for (const value of ["", "Bearer", "Bearer ", "Basic a", "k-1", "Bearer a b", "Bearer \xe9"]) {
    assert.equal(keyIn(`authorization: ${value}`), undefined, value);
  }
  assert.equal(keyIn(), undefined);
  assert.throws(() => keyIn("authorization: Bearer a", "Authorization: Bearer b"), { status: 400 });
});
