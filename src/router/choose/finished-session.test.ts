import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRequestHead } from "../http1/request-head.ts";
import { compileFinishedSession, isSessionFinish } from "./finished-session.ts";

function head(target: string, header = "", method = "POST") {
  return parseRequestHead(`${method} ${target} HTTP/1.1\r\nhost: x${header}`, 10);
}

test("isSessionFinish() knows its path and its method only", () => {
  assert.equal(isSessionFinish(head("/finish_session?session_id=a")), true);
  assert.equal(isSessionFinish(head("/finish_session")), true);
  assert.equal(isSessionFinish(head("/finish_session", "", "GET")), false);
  assert.equal(isSessionFinish(head("/v1/finish_session")), false);
  assert.equal(isSessionFinish(head("/x?/finish_session")), false);
});

test("compileFinishedSession() reads the session from the query, then from the session headers", () => {
  const read = compileFinishedSession(["X-Session-ID", "x-user-id"]);
  const other = "\r\nx-user-id: u";
  for (const [target, header, wanted] of [
    ["/finish_session?session_id=a%20b%2Fc&x=1", other, "x-session-id:a b/c"],
    ["/finish_session?x=1&session_id=7", "", "x-session-id:7"],
    ["/finish_session?session_id=", other, "x-user-id:u"],
    ["/finish_session", "\r\nx-session-id: s", "x-session-id:s"],
    ["/finish_session?session=1", "", undefined],
    ["/finish_session?session_id=%", "", "x-session-id:%"],
  ] as const) {
    assert.equal(read(head(target, header)), wanted, target);
  }
  assert.equal(compileFinishedSession([])(head("/finish_session?session_id=a")), undefined);
});
