import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Engine } from "../engine/mod.ts";
import { createLogger, parseLogLine } from "../telemetry/mod.ts";
import { startEngineServer } from "./start-engine-server.ts";
import { FakeEngine, saying, type Script } from "./test-support/fake-engine.ts";
import { rawPost, sendRaw, until } from "./test-support/raw-client.ts";
import { serverOptions, startTestServer } from "./test-support/start-test-server.ts";
const endless: Script = function* () {
  for (;;) yield 97;
};

test("startEngineServer() answers 503 while it loads, then 200, and logs its progress", async () => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const logger = createLogger({ name: "rank-0", format: "json", write });
  const { promise, resolve } = Promise.withResolvers<Engine>();
  const starting = startEngineServer(
    serverOptions({
      logger,
      startEngine: (options) => {
        for (const done of [0, 0.01, 0.02, 0.5, 1])
          options.onProgress?.({ stage: "load weights", done });
        return promise;
      },
    }),
  );
  const listening = () => lines.map(parseLogLine).find((line) => line?.["event"] === "listening");
  await until(() => listening() !== undefined);
  const url = String(listening()?.["url"]);
  assert.equal((await fetch(`${url}/health`)).status, 503);
  const models = await fetch(`${url}/v1/models`);
  assert.deepEqual([models.status, models.headers.get("retry-after")], [503, "1"]);
  assert.equal((await fetch(`${url}/version`)).status, 200);
  resolve(new FakeEngine({ script: saying("ok") }));
  const server = await starting;
  assert.equal((await fetch(`${url}/health`)).status, 200);
  await server.close();
  const shares = lines.map(parseLogLine).filter((line) => line?.["event"] === "progress");
  assert.deepEqual(
    shares.map((line) => line?.["done"]),
    [0, 0.5, 1],
  );
});

test("EngineServer.close() lets running requests end", async (context) => {
  const engine = new FakeEngine({ script: saying("ok"), isManual: true });
  const { server, post } = await startTestServer(context, engine, { drainTimeoutMs: 10_000 });
  const answer = post("/v1/completions", { prompt: "a" });
  await until(() => engine.liveCount === 1);
  const closed = server.close();
  for (let step = 0; step < 3; step++) engine.step();
  assert.match(await (await answer).text(), /"text":"ok"/);
  const first = await Promise.race([
    closed.then(() => "closed"),
    delay(9_000, "limit", { ref: false }),
  ]);
  assert.equal(first, "closed");
  assert.equal(engine.isClosed, true);
  await assert.rejects(fetch(`${server.url}/health`));
});

test("EngineServer.close() ends what is still running after the limit", async (context) => {
  const engine = new FakeEngine({ script: endless, isManual: true });
  const { server, post } = await startTestServer(context, engine, { drainTimeoutMs: 50 });
  const whole = post("/v1/completions", { prompt: "a", max_tokens: 200 });
  const stream = await post("/v1/completions", { prompt: "a", max_tokens: 200, stream: true });
  await until(() => engine.liveCount === 2);
  await server.close();
  assert.equal((await whole).status, 503);
  assert.match(await stream.text(), /^data: \{"error":\{.*"code":503\}\}\n\ndata: \[DONE\]\n\n$/);
  assert.equal(engine.isClosed, true);
});

test("EngineServer.died resolves when the engine dies; requests get 500, /health 503", async (context) => {
  const engine = new FakeEngine({ script: endless, isManual: true });
  const { server, post, logLines } = await startTestServer(context, engine);
  const whole = post("/v1/completions", { prompt: "a", max_tokens: 200 });
  const stream = await post("/v1/chat/completions", {
    messages: [{ role: "user", content: "hi" }],
    stream: true,
  });
  await until(() => engine.liveCount === 2);
  engine.die(new Error("out of memory"));
  assert.equal((await server.died).message, "out of memory");
  assert.equal((await whole).status, 500);
  assert.match(
    await stream.text(),
    /data: \{"error":\{"message":"out of memory","type":"InternalServerError".*\}\n\ndata: \[DONE\]/,
  );
  assert.equal((await fetch(`${server.url}/health`)).status, 503);
  assert.equal((await post("/v1/completions", { prompt: "a" })).status, 500);
  assert.equal(parseLogLine(logLines.find((line) => line.includes("fatal"))!)?.level, "fatal");
});

test("EngineServer.close() cuts off a client that does not read", async (context) => {
  const engine = new FakeEngine({ script: endless, model: { maxModelLen: 100_000_000 } });
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
