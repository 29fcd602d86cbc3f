import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { pollHttp } from "./poll-http.ts";

async function serve(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
}

const never = new AbortController().signal;

test("pollHttp() asks until the answer is 200", async (context) => {
  let asked = 0;
  const url = await serve(context, (_request, response) => {
    response.writeHead(++asked < 3 ? 503 : 200).end("x".repeat(10));
  });
  assert.equal(await pollHttp(url, { timeoutMs: 20_000, signal: never }), true);
  assert.equal(asked, 3);
});

test("pollHttp() gives up when nobody listens and the time is up", async () => {
  const options = { timeoutMs: 100, signal: never };
  assert.equal(await pollHttp("http://127.0.0.1:1/", options), false);
});

test("pollHttp() ends at once when it is aborted while a server keeps silent", async (context) => {
  const controller = new AbortController();
  const url = await serve(context, () => controller.abort());
  assert.equal(await pollHttp(url, { timeoutMs: 60_000, signal: controller.signal }), false);
});
