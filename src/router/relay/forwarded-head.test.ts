import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRequestHead } from "../http1/request-head.ts";
import { parseResponseHead } from "../http1/response-head.ts";
import { requestHeadText, requestIdOf, responseHeadText } from "./forwarded-head.ts";

const forward = { authority: "rank:80", requestId: "id-1" };
const toClient = {
  requestId: "id-1",
  rank: 3,
  prefillRank: undefined,
  keepsAlive: true,
  minorVersion: 1,
  isChunked: false,
} as const;

function request(...lines: readonly string[]) {
  return parseRequestHead(lines.join("\r\n"), 50);
}

function forwardedLines(...lines: readonly string[]): readonly string[] {
  return requestHeadText(request(...lines), forward).split("\r\n");
}

function answeredLines(over: object, ...lines: readonly string[]): readonly string[] {
  const head = parseResponseHead(lines.join("\r\n"), "GET", 50);
  return responseHeadText(head, { ...toClient, ...over }).split("\r\n");
}

test("requestHeadText() keeps line, order, repeated fields and values", () => {
  assert.deepEqual(
    forwardedLines(
      "POST /v1/x?y=%20 HTTP/1.1",
      "Host: public",
      "X-B: 1",
      "Authorization: Bearer a",
      "x-b: \u00e4",
      "Content-Length: 07",
    ),
    [
      "POST /v1/x?y=%20 HTTP/1.1",
      "host: public",
      "x-b: 1",
      "authorization: Bearer a",
      "x-b: \u00e4",
      "x-request-id: id-1",
      "content-length: 7",
      "",
      "",
    ],
  );
});

test("requestHeadText() takes out what concerns one connection, named or known", () => {
  const lines = forwardedLines(
    "POST / HTTP/1.1",
    "host: x",
    "connection: keep-alive, X-Hop, host",
    "keep-alive: 5",
    "x-hop: 1",
    "te: trailers",
    "upgrade: websocket",
    "proxy-authorization: secret",
    "transfer-encoding: chunked",
    "expect: 100-continue",
  );
  assert.deepEqual(lines, [
    "POST / HTTP/1.1",
    "host: x",
    "x-request-id: id-1",
    "transfer-encoding: chunked",
    "",
    "",
  ]);
});

test("requestHeadText() takes out headers that would steer a rank", () => {
  const lines = forwardedLines(
    "GET / HTTP/1.1",
    "host: x",
    "X-Data-Parallel-Rank: 3",
    "X-Penstock-Anything: 1",
  );
  assert.deepEqual(lines, ["GET / HTTP/1.1", "host: x", "x-request-id: id-1", "", ""]);
});

test("requestHeadText() speaks HTTP/1.1 with a Host for clients of HTTP/1.0", () => {
  const lines = forwardedLines("GET / HTTP/1.0");
  assert.deepEqual(lines.slice(0, 2), ["GET / HTTP/1.1", "host: rank:80"]);
});

test("requestIdOf() keeps the client's id and makes one where there is none", () => {
  assert.equal(requestIdOf(request("GET / HTTP/1.1", "host: x", "x-request-id: mine")), "mine");
  const made = requestIdOf(request("GET / HTTP/1.1", "host: x", "x-request-id:"));
  assert.match(made, /^[0-9a-f]{32}$/);
  assert.notEqual(requestIdOf(request("GET / HTTP/1.1", "host: x")), made);
});

test("requestIdOf() passes on no engine addresses from a client", () => {
  const id = "___prefill_addr_10.0.0.1:1___decode_addr_10.0.0.2:2_abc";
  const head = request("GET / HTTP/1.1", "host: x", `x-request-id: ${id}`);
  assert.match(requestIdOf(head), /^[0-9a-f]{32}$/);
});

test("responseHeadText() keeps status, fields and the length, and adds the request id", () => {
  assert.deepEqual(
    answeredLines(
      {},
      "HTTP/1.1 201 Made",
      "Server: u",
      "Connection: x-hop",
      "x-hop: 1",
      "content-length: 2",
    ),
    [
      "HTTP/1.1 201 Made",
      "server: u",
      "x-request-id: id-1",
      "x-penstock-rank: 3",
      "content-length: 2",
      "",
      "",
    ],
  );
  const own = answeredLines({}, "HTTP/1.1 200 OK", "x-request-id: rank's", "content-length: 0");
  assert.deepEqual(own.slice(1, 3), ["x-request-id: rank's", "x-penstock-rank: 3"]);
});

test("responseHeadText() names the rank itself, whatever the rank says", () => {
  const lines = answeredLines(
    {},
    "HTTP/1.1 200 OK",
    "X-Penstock-Rank: 7",
    "x-penstock-other: 1",
    "content-length: 0",
  );
  assert.deepEqual(
    lines.filter((line) => line.startsWith("x-penstock-")),
    ["x-penstock-rank: 3"],
  );
});

test("responseHeadText() says how the body ends and what becomes of the connection", () => {
  const chunked = ["HTTP/1.1 200 OK", "transfer-encoding: chunked"];
  assert.ok(answeredLines({ isChunked: true }, ...chunked).includes("transfer-encoding: chunked"));
  const unwrapped = answeredLines({ keepsAlive: false, minorVersion: 0 }, ...chunked);
  assert.ok(!unwrapped.includes("transfer-encoding: chunked"));
  assert.ok(unwrapped.includes("connection: close"));
  const old = answeredLines({ minorVersion: 0 }, "HTTP/1.1 200 OK", "content-length: 0");
  assert.ok(old.includes("connection: keep-alive"));
});
