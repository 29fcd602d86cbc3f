import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { test, type TestContext } from "node:test";
import type { ReadyCheck } from "../process-spec.ts";
import { awaitReady, describeReady, isReady } from "./await-ready.ts";

async function serve(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/models`;
}

const never = new AbortController().signal;
const timeoutMs = 20_000;

test("awaitReady() asks until the answer is 200", async (context) => {
  let asked = 0;
  const url = await serve(context, (_request, response) => {
    response.writeHead(++asked < 3 ? 503 : 200).end("x".repeat(10));
  });
  assert.equal(await awaitReady({ kind: "http", url, timeoutMs }, never), true);
  assert.equal(asked, 3);
});

test("awaitReady() gives up when nobody listens and the time is up", async () => {
  const checks: readonly ReadyCheck[] = [
    { kind: "http", url: "http://127.0.0.1:1/", timeoutMs: 100 },
    { kind: "model", url: "http://127.0.0.1:1/", model: "m", timeoutMs: 100 },
    { kind: "port", host: "127.0.0.1", port: 1, timeoutMs: 100 },
  ];
  for (const ready of checks) assert.equal(await awaitReady(ready, never), false);
});

test("isReady() asks once", async (context) => {
  let asked = 0;
  const url = await serve(context, (_request, response) => {
    response.writeHead(++asked === 1 ? 503 : 200).end('{"data":[{"id":"m"}]}');
  });
  const port = Number(new URL(url).port);
  assert.equal(await isReady({ kind: "http", url, timeoutMs }, never), false);
  assert.equal(asked, 1);
  assert.equal(await isReady({ kind: "model", url, model: "m", timeoutMs }, never), true);
  assert.equal(await isReady({ kind: "model", url, model: "other", timeoutMs }, never), false);
  assert.equal(await isReady({ kind: "port", host: "127.0.0.1", port, timeoutMs }, never), true);
  assert.equal(await isReady({ kind: "started" }, never), true);
});

test("isReady() is false for whatever is asked after the abort", async (context) => {
  const url = await serve(context, (_request, response) => response.end());
  const port = Number(new URL(url).port);
  const checks: readonly ReadyCheck[] = [
    { kind: "http", url, timeoutMs },
    { kind: "model", url, model: "m", timeoutMs },
    { kind: "port", host: "127.0.0.1", port, timeoutMs },
  ];
  for (const ready of checks) assert.equal(await isReady(ready, AbortSignal.abort()), false);
});

test("awaitReady() ends at once when it is aborted while a server keeps silent", async (context) => {
  const controller = new AbortController();
  const url = await serve(context, () => controller.abort());
  const ready = { kind: "http", url, timeoutMs: 60_000 } as const;
  assert.equal(await awaitReady(ready, controller.signal), false);
});

test("awaitReady() takes a port that takes connections, also one that opens late", async (context) => {
  const first = createTcpServer().listen(0, "127.0.0.1");
  await once(first, "listening");
  const { port } = first.address() as AddressInfo;
  first.close();
  await once(first, "close");
  const ready = awaitReady({ kind: "port", host: "127.0.0.1", port, timeoutMs }, never);
  const second = createTcpServer().listen(port, "127.0.0.1");
  context.after(() => second.close());
  assert.equal(await ready, true);
});

test("awaitReady() does not wait for a process that only has to be started", async () => {
  assert.equal(await awaitReady({ kind: "started" }, AbortSignal.abort()), true);
});

test("describeReady() says in words what is awaited", () => {
  const url = "http://127.0.0.1:8100/v1/models";
  assert.equal(describeReady({ kind: "http", url, timeoutMs }), `${url} answers 200`);
  assert.equal(
    describeReady({ kind: "http", url, socketPath: "/run/p.sock", timeoutMs }),
    `${url} on "/run/p.sock" answers 200`,
  );
  assert.equal(describeReady({ kind: "model", url, model: "m", timeoutMs }), `${url} lists "m"`);
  const port = { kind: "port", host: "::1", port: 6379, timeoutMs } as const;
  assert.equal(describeReady(port), "::1 port 6379 takes connections");
  assert.equal(describeReady({ kind: "started" }), undefined);
});
