import assert from "node:assert/strict";
import { test } from "node:test";
import { answerHead } from "./answer.ts";

const answer = {
  status: 503,
  contentType: "text/plain",
  body: "\u00e4",
  headers: ["retry-after: 1"],
};

test("answerHead() gives status, type, length in bytes and further headers", () => {
  assert.equal(
    answerHead(answer, { keepsAlive: true, minorVersion: 1 }),
    "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 2\r\nretry-after: 1\r\n\r\n",
  );
});

test("answerHead() says what becomes of the connection", () => {
  assert.match(answerHead(answer, { keepsAlive: false, minorVersion: 1 }), /\r\nconnection: close/);
  const old = answerHead(answer, { keepsAlive: true, minorVersion: 0 });
  assert.match(old, /\r\nconnection: keep-alive\r\n/);
});
