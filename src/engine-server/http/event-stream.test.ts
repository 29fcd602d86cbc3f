import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeEngine, type Script } from "../test-support/fake-engine.ts";
import { rawPost, readToEnd, sendRaw, until } from "../test-support/raw-client.ts";
import { startTestServer } from "../test-support/start-test-server.ts";

const endless: Script = function* () {
  for (;;) yield 97;
};

const model = { maxModelLen: 100_000_000 };

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
