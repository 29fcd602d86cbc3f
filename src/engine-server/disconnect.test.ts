import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { FakeEngine, type Script } from "./testing/fake-engine.ts";
import { rawPost, readToEnd, sendRaw, until } from "./testing/raw-client.ts";
import { startTestServer } from "./testing/start-test-server.ts";

const endless: Script = function* () {
  for (;;) yield 97;
};

const model = { maxModelLen: 100_000_000 };

for (const stream of [true, false])
  for (const leave of ["end", "resetAndDestroy"] as const)
    test(`GenerationCall aborts all its requests when the client leaves by ${leave}, stream ${stream}`, async (context) => {
      const engine = new FakeEngine({ script: endless, isManual: true, model });
      const { server } = await startTestServer(context, engine);
      const body = { prompt: ["a", "b"], n: 2, max_tokens: 1_000, stream };
      const socket = await sendRaw(server.url, rawPost("/v1/completions", JSON.stringify(body)));
      await until(() => engine.liveCount === 4);
      engine.step();
      if (stream) await once(socket, "data");
      assert.equal(engine.liveCount, 4);
      socket.resume();
      socket[leave]();
      await until(() => engine.abortedCount === 4);
      engine.step();
      assert.equal(engine.liveCount, 0);
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      assert.match(metrics, /request_success_total\{.*finished_reason="abort"\} 4\n/);
      const load = await (await fetch(`${server.url}/load`)).json();
      assert.deepEqual(load, { server_load: 0 });
    });

test("EventStream ends a stream that nobody reads, and aborts its request", async (context) => {
  const engine = new FakeEngine({ script: endless, model });
  const { server } = await startTestServer(context, engine, { writeStallTimeoutMs: 100 });
  const body = { prompt: "a", max_tokens: 50_000_000, stream: true, logprobs: 20 };
  const socket = await sendRaw(server.url, rawPost("/v1/completions", JSON.stringify(body)));
  socket.pause();
  await until(() => engine.submitted.length === 1);
  await until(() => engine.liveCount === 0, 30_000);
  socket.destroy();
});

test("EventStream merges what a slow reader missed: nothing is lost", async (context) => {
  const count = 20_000;
  const script: Script = () => Buffer.from("0123456789".repeat(count / 10));
  const engine = new FakeEngine({ script, model, isManual: true });
  const { server } = await startTestServer(context, engine);
  const body = { prompt: "a", max_tokens: count, stream: true };
  const socket = await sendRaw(server.url, rawPost("/v1/completions", JSON.stringify(body)));
  socket.pause();
  await until(() => engine.liveCount === 1);
  while (engine.liveCount > 0) engine.step();
  const response = readToEnd(socket);
  socket.resume();
  const text = [...(await response).matchAll(/"text":"(\d*)"/g)]
    .map(([, digits]) => digits)
    .join("");
  assert.equal(text, "0123456789".repeat(count / 10));
});

test("EngineServer.close() cuts off a client that does not read", async (context) => {
  const engine = new FakeEngine({ script: endless, model });
  const { server } = await startTestServer(context, engine);
  const body = { prompt: "a", max_tokens: 50_000_000, stream: true, logprobs: 20 };
  const socket = await sendRaw(server.url, rawPost("/v1/completions", JSON.stringify(body)));
  socket.pause();
  await until(() => engine.submitted.length === 1);
  const closed = server.close().then(() => "closed");
  assert.equal(await Promise.race([closed, delay(10_000, "limit", { ref: false })]), "closed");
  assert.equal(engine.isClosed, true);
  socket.destroy();
});
