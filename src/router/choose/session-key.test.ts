import assert from "node:assert/strict";
import { test } from "node:test";
import { Headers } from "../http1/headers.ts";
import { compileSessionKey, defaultSessionHeaders } from "./session-key.ts";

function headers(fields: Readonly<Record<string, string>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) headers.add(name, value);
  return headers;
}

test("compileSessionKey() takes the best header that has a value", () => {
  const read = compileSessionKey(defaultSessionHeaders);
  assert.equal(read(headers({ "x-user-id": "u", "x-session-id": "s" })), "x-session-id:s");
  assert.equal(read(headers({ "x-user-id": "u", "x-session-id": "" })), "x-user-id:u");
});

test("compileSessionKey() keeps equal values of different headers apart", () => {
  const read = compileSessionKey(defaultSessionHeaders);
  assert.notEqual(read(headers({ "x-user-id": "5" })), read(headers({ "x-tenant-id": "5" })));
});

test("compileSessionKey() finds no session in a request id", () => {
  const read = compileSessionKey(defaultSessionHeaders);
  assert.equal(read(headers({ "x-request-id": "1" })), undefined);
});

test("compileSessionKey() takes names of any case", () => {
  assert.equal(compileSessionKey(["X-Mine"])(headers({ "x-mine": "1" })), "x-mine:1");
});
