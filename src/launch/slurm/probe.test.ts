import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { probe } from "./probe.ts";

let answer = { status: 200, body: "" };
const server = createServer((_request, response) => {
  response.writeHead(answer.status);
  response.end(answer.body);
});
let port = 0;
before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
after(() => void server.close());

const { signal } = new AbortController();

test("probe() takes 200 for ready, and nothing else", async () => {
  const check = { kind: "http", url: `http://127.0.0.1:${port}/health`, timeoutMs: 1 } as const;
  answer = { status: 200, body: "" };
  assert.equal(await probe(check, signal), true);
  answer = { status: 503, body: "" };
  assert.equal(await probe(check, signal), false);
});

test("probe() waits for the model to be listed", async () => {
  const url = `http://127.0.0.1:${port}/v1/models`;
  const check = { kind: "model", url, model: "m", timeoutMs: 1 } as const;
  for (const [body, isReady] of [
    ['{"data":[{"id":"other"},{"id":"m"}]}', true],
    ['{"data":[{"id":"other"}]}', false],
    ['{"data":[null]}', false],
    ["{}", false],
    ["<html>", false],
    [" ".repeat(2 * 1024 * 1024), false],
  ] as const) {
    answer = { status: 200, body };
    assert.equal(await probe(check, signal), isReady, body.slice(0, 40));
  }
});

test("probe() connects to a port", async () => {
  const check = { kind: "port", host: "127.0.0.1", port, timeoutMs: 1 } as const;
  assert.equal(await probe(check, signal), true);
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port: closedPort } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, "close");
  assert.equal(await probe({ ...check, port: closedPort }, signal), false);
  assert.equal(await probe(check, AbortSignal.abort()), false);
  assert.equal(await probe({ kind: "started" }, signal), true);
});
