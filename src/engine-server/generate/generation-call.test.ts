import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { FakeEngine, saying, type Script } from "../test-support/fake-engine.ts";
import { rawPost, sendRaw, until } from "../test-support/raw-client.ts";
import { startTestServer } from "../test-support/start-test-server.ts";

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

test("GenerationCall.start() refuses all choices of a request when the queue is full", async (context) => {
  const { post, engine } = await startTestServer(context, {
    script: saying("ok"),
    requestsMax: 4,
    isManual: true,
  });
  const response = await post("/v1/completions", { prompt: "a", n: 5 });
  assert.equal(response.headers.get("retry-after"), "1");
  assert.partialDeepStrictEqual(await response.json(), {
    error: { type: "ServiceUnavailableError", code: 503 },
  });
  engine.step();
  assert.equal(engine.liveCount, 0);
});

test("GenerationCall counts an answer that ends with a stop string as stopped, also at its last token", async (context) => {
  const { server, post } = await startTestServer(context, { script: saying("abc") });
  const body = { prompt: "a", max_tokens: 2, stop: "b" };
  assert.match(await (await post("/v1/completions", body)).text(), /"finish_reason":"stop"/);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /request_success_total\{.*finished_reason="stop"\} 1\n/);
  assert.match(metrics, /request_success_total\{.*finished_reason="length"\} 0\n/);
});
