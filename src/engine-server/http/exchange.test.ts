import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import { readToEnd, sendRaw } from "../test-support/raw-client.ts";
import { Exchange } from "./exchange.ts";
import { listen } from "./listen.ts";
import { BodyBudget } from "./read-body.ts";

const get = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Id: 7\r\n\r\n";

async function serve(context: TestContext): Promise<{ url: string; exchange: Promise<Exchange> }> {
  const { promise: exchange, resolve } = Promise.withResolvers<Exchange>();
  const budget = new BodyBudget(10);
  const server = createServer((request, response) =>
    resolve(new Exchange(request, response, { bytesMax: 10, budget })),
  );
  context.after(() => server.close());
  return { url: await listen(server, { host: "127.0.0.1", port: 0, purpose: "a test" }), exchange };
}

test("Exchange sends text with its length in bytes", async (context) => {
  const { url, exchange } = await serve(context);
  const socket = await sendRaw(url, get);
  const { signal } = await exchange;
  assert.equal((await exchange).header("x-id"), "7");
  (await exchange).sendJson(418, { a: "é" }, { "X-Extra": "1" });
  const answer = await readToEnd(socket);
  assert.match(answer, /^HTTP\/1.1 418 /);
  assert.match(answer, /\r\nContent-Type: application\/json\r\n/);
  assert.match(answer, /\r\nX-Extra: 1\r\n/);
  assert.match(answer, /\r\nContent-Length: 10\r\n[\s\S]*\{"a":"é"\}$/);
  assert.equal(signal.aborted, false);
});

test("Exchange.signal aborts when the client leaves, and sending is harmless then", async (context) => {
  const { url, exchange } = await serve(context);
  const socket = await sendRaw(url, get);
  const { signal } = await exchange;
  socket.destroy();
  if (!signal.aborted) await once(signal, "abort");
  (await exchange).sendText(200, "too late");
  assert.equal(signal.aborted, true);
});
