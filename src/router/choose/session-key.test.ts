import assert from "node:assert/strict";
import { test } from "node:test";
import { Headers } from "../http1/headers.ts";
import { parseRequestHead } from "../http1/request-head.ts";
import type { PolicyName } from "./policy.ts";
import { compileSessionKey, defaultSessionHeaders, SessionKeys } from "./session-key.ts";

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

function sessionKeys(policy: PolicyName, sessionHeaders = defaultSessionHeaders): SessionKeys {
  return new SessionKeys({ policy, sessionHeaders, bodyByteCountMax: 1_000 });
}

function head(method: string, fields: readonly string[]) {
  const lines = [`${method} /v1/completions HTTP/1.1`, "host: x", ...fields];
  return parseRequestHead(lines.join("\r\n"), 10);
}

test("SessionKeys looks for sessions where the policy uses them only", () => {
  const fields = { "x-session-id": "s" };
  const post = head("POST", ["content-type: application/json"]);
  for (const policy of ["consistent_hash", "sticky_least_loaded"] as const) {
    assert.equal(sessionKeys(policy).ofHeaders(headers(fields)), "x-session-id:s");
    assert.notEqual(sessionKeys(policy).readerOfBody(post), undefined);
  }
  for (const policy of ["round_robin", "power_of_two"] as const) {
    assert.equal(sessionKeys(policy).ofHeaders(headers(fields)), undefined);
    assert.equal(sessionKeys(policy).readerOfBody(post), undefined);
  }
  assert.equal(sessionKeys("consistent_hash", []).readerOfBody(post), undefined);
});

test("SessionKeys reads the bodies of posts that are plain JSON", () => {
  const keys = sessionKeys("consistent_hash", ["X-Mine"]);
  for (const type of [
    "application/json",
    "Application/JSON; charset=utf-8",
    "application/json ;a=b",
  ]) {
    const reader = keys.readerOfBody(head("POST", [`content-type: ${type}`]));
    reader?.push(Buffer.from('{"session_id":"s"}'));
    assert.equal(reader?.key, "x-mine:s", type);
  }
  for (const other of [
    head("POST", []),
    head("POST", ["content-type: text/plain"]),
    head("POST", ["content-type: application/jsonl"]),
    head("POST", ["content-type: application/json", "content-encoding: gzip"]),
    head("GET", ["content-type: application/json"]),
  ]) {
    assert.equal(keys.readerOfBody(other), undefined);
  }
});
