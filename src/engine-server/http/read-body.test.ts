import assert from "node:assert/strict";
import { test } from "node:test";
import { saying } from "../test-support/fake-engine.ts";
import { rawPost, readToEnd, sendRaw } from "../test-support/raw-client.ts";
import { assertAlive, assertRefused } from "../test-support/assert-answer.ts";
import { startTestServer } from "../test-support/start-test-server.ts";

const completions = "/v1/completions";
const engine = { script: saying("ok") };

test("readJsonBody() takes JSON only", async (context) => {
  const { post } = await startTestServer(context, engine);
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"]) {
    const headers = { "content-type": type };
    const response = await post(completions, { prompt: "a" }, { headers });
    await assertRefused(response, 400, { type: "Bad Request" });
  }
  const headers = { "content-type": "Application/JSON; charset=utf-8" };
  assert.equal((await post(completions, { prompt: "a" }, { headers })).status, 200);
});

test("readJsonBody() answers a body past its limit with 413", async (context) => {
  const started = await startTestServer(context, engine, { bodyBytesMax: 1_000 });
  const { post } = started;
  const long = { prompt: "x".repeat(2_000_000) };
  await assertRefused(await post(completions, long), 413, { param: null });
  const chunked = new ReadableStream({
    start: (controller) => {
      for (let count = 0; count < 10; count++) controller.enqueue(Buffer.alloc(200, " "));
      controller.close();
    },
  });
  const init = { body: chunked, duplex: "half" } as RequestInit;
  await assertRefused(await post(completions, "", init), 413, {});
  await assertAlive(started);
});

test("readJsonBody() answers 503 when too many bodies arrive at once", async (context) => {
  const started = await startTestServer(
    context,
    { script: saying("ok") },
    { bodyBytesTotalMax: 100 },
  );
  const response = await started.post(completions, { prompt: "x".repeat(200) });
  assert.equal(response.headers.get("retry-after"), "1");
  await assertRefused(response, 503, {});
  await assertAlive(started);
});

test("readJsonBody() forgets a request whose body is cut off", async (context) => {
  const started = await startTestServer(context, engine);
  const socket = await sendRaw(started.server.url, rawPost(completions, '{"prompt":"a', 100));
  socket.end();
  assert.doesNotMatch(await readToEnd(socket), /HTTP\/1.1 200/);
  assert.equal(started.engine.submitted.length, 0);
  await assertAlive(started);
  assert.deepEqual(
    started.logLines.filter((line) => line.includes('"error"')),
    [],
  );
});

test("readJsonBody() ends a request whose body never comes", async (context) => {
  const limits = { requestTimeoutMs: 200, headersTimeoutMs: 200 };
  const { server } = await startTestServer(context, engine, limits);
  const socket = await sendRaw(server.url, rawPost(completions, "{", 100));
  assert.match(await readToEnd(socket), /^HTTP\/1.1 408 /);
});
