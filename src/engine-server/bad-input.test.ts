import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { saying } from "./testing/fake-engine.ts";
import { rawPost, readToEnd, sendRaw } from "./testing/raw-client.ts";
import { startTestServer, type TestServer } from "./testing/start-test-server.ts";

const chat = "/v1/chat/completions";
const completions = "/v1/completions";
const messages = [{ role: "user", content: "hi" }];

function start(context: TestContext): Promise<TestServer> {
  return startTestServer(
    context,
    { script: saying("ok"), requestsMax: 4 },
    { bodyBytesMax: 11_000_000 },
  );
}

async function assertAlive({ post }: TestServer): Promise<void> {
  const response = await post(completions, { prompt: "a" });
  assert.equal(response.status, 200);
  assert.match(await response.text(), /"text":"ok"/);
}

async function assertRefused(
  response: Response,
  status: number,
  error: Record<string, unknown>,
): Promise<void> {
  const body = (await response.json()) as { error: Record<string, unknown> };
  assert.equal(response.status, status, JSON.stringify(body));
  assert.deepEqual(Object.keys(body.error), ["message", "type", "param", "code"]);
  assert.partialDeepStrictEqual(body.error, { code: status, ...error });
}

const badRequests: readonly [string, string, unknown, Record<string, unknown>][] = [
  ["no JSON", chat, "hello", { type: "Bad Request", param: "body" }],
  ["an empty body", chat, "", { type: "Bad Request", param: "body" }],
  ["a list", chat, [], { type: "Bad Request", param: "body" }],
  ["wrong types", chat, { messages: 5 }, { type: "Bad Request", param: "body.messages" }],
  ["empty messages", chat, { messages: [] }, { type: "BadRequestError", param: "messages" }],
  ["negative max_tokens", chat, { messages, max_tokens: -1 }, { param: "max_tokens" }],
  ["a template's refusal", chat, { messages: [...messages, { role: "system" }] }, {}],
  ["an image", chat, { messages: [{ role: "user", content: [{ type: "image_url" }] }] }, {}],
  ["10 MB of brackets", chat, "[".repeat(10_000_000), { type: "Bad Request", param: "body" }],
  [
    "a prompt past the context",
    completions,
    { prompt: "x".repeat(300) },
    { param: "input_tokens" },
  ],
  ["a prompt far past it", completions, { prompt: "x".repeat(9_000) }, { param: "input_text" }],
  [
    "token ids past the context",
    completions,
    { prompt: Array(256).fill(1) },
    { param: "input_tokens" },
  ],
  ["an answer past it", completions, { prompt: "a", max_tokens: 256 }, { param: "max_tokens" }],
  ["an empty prompt", completions, { prompt: "", add_special_tokens: false }, { param: "prompt" }],
  ["unknown token ids", completions, { prompt: [263] }, { param: "prompt" }],
  [
    "unknown ids in logit_bias",
    completions,
    { prompt: "a", logit_bias: { "999": 1 } },
    { param: "logit_bias" },
  ],
  [
    "too long a truncation",
    completions,
    { prompt: "a", truncate_prompt_tokens: 999 },
    { param: "truncate_prompt_tokens" },
  ],
  ["no prompt to tokenize", "/tokenize", {}, { param: "body.prompt" }],
  ["no tokens", "/detokenize", { tokens: "x" }, { param: "body.tokens" }],
];

for (const [name, path, body, error] of badRequests)
  test(`startEngineServer() answers ${name} with 400 and lives on`, async (context) => {
    const started = await start(context);
    await assertRefused(await started.post(path, body), 400, error);
    await assertAlive(started);
  });

test("startEngineServer() says how long prompt and context are", async (context) => {
  const { post } = await start(context);
  const response = await post(completions, { prompt: Array(250).fill(1), max_tokens: 20 });
  const { error } = (await response.json()) as { error: { message: string } };
  assert.match(error.message, /maximum context length is 256 tokens/);
  assert.match(error.message, /you requested 270 tokens \(250 in the prompt, 20 for the output\)/);
});

test("startEngineServer() answers an unknown model with 404", async (context) => {
  const { post } = await start(context);
  for (const [path, body] of [
    [chat, { messages }],
    [completions, { prompt: "a" }],
    ["/tokenize", { prompt: "a" }],
    ["/detokenize", { tokens: [] }],
  ] as const) {
    const error = {
      message: "The model `gpt-9` does not exist.",
      type: "NotFoundError",
      param: "model",
    };
    await assertRefused(await post(path, { ...body, model: "gpt-9" }), 404, error);
  }
});

test("startEngineServer() answers unknown paths with 404 and wrong methods with 405", async (context) => {
  const { server, post } = await start(context);
  await assertRefused(await post("/v1/nothing", {}), 404, {
    message: "Not Found",
    type: "Not Found",
    param: null,
  });
  const response = await fetch(server.url + chat);
  assert.equal(response.headers.get("allow"), "POST");
  await assertRefused(response, 405, { message: "Method Not Allowed", type: "Method Not Allowed" });
});

test("startEngineServer() takes JSON only", async (context) => {
  const { post } = await start(context);
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"]) {
    const headers = { "content-type": type };
    const response = await post(completions, { prompt: "a" }, { headers });
    await assertRefused(response, 400, { type: "Bad Request" });
  }
  const headers = { "content-type": "Application/JSON; charset=utf-8" };
  assert.equal((await post(completions, { prompt: "a" }, { headers })).status, 200);
});

test("startEngineServer() answers a body past its limit with 413", async (context) => {
  const started = await startTestServer(context, { script: saying("ok") }, { bodyBytesMax: 1_000 });
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

test("startEngineServer() answers 503 when too many bodies arrive at once", async (context) => {
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

test("startEngineServer() forgets a request whose body is cut off", async (context) => {
  const started = await start(context);
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

test("startEngineServer() ends a request whose body never comes", async (context) => {
  const limits = { requestTimeoutMs: 200, headersTimeoutMs: 200 };
  const { server } = await startTestServer(context, { script: saying("ok") }, limits);
  const socket = await sendRaw(server.url, rawPost(completions, "{", 100));
  assert.match(await readToEnd(socket), /^HTTP\/1.1 408 /);
});

test("startEngineServer() refuses headers past their limit", async (context) => {
  const started = await start(context);
  const socket = await sendRaw(
    started.server.url,
    `GET /health HTTP/1.1\r\nX: ${"y".repeat(40_000)}\r\n\r\n`,
  );
  assert.match(await readToEnd(socket), /^HTTP\/1.1 431 /);
  await assertAlive(started);
});

test("startEngineServer() refuses all choices of a request when the queue is full", async (context) => {
  const { post, engine } = await startTestServer(context, {
    script: saying("ok"),
    requestsMax: 4,
    isManual: true,
  });
  const response = await post(completions, { prompt: "a", n: 5 });
  assert.equal(response.headers.get("retry-after"), "1");
  await assertRefused(response, 503, { type: "ServiceUnavailableError" });
  engine.step();
  assert.equal(engine.liveCount, 0);
});

test("startEngineServer() drops connections past its limit", async (context) => {
  const limits = { connectionsMax: 1 };
  const { server } = await startTestServer(context, { script: saying("ok") }, limits);
  const first = await sendRaw(server.url, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(first, "data");
  const second = await sendRaw(server.url, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.equal(await readToEnd(second), "");
  first.destroy();
});

test("startEngineServer() ends connections that stay idle", async (context) => {
  const limits = { keepAliveTimeoutMs: 20 };
  const { server } = await startTestServer(context, { script: saying("ok") }, limits);
  const socket = await sendRaw(server.url, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.match(await readToEnd(socket), /^HTTP\/1.1 200 /);
});
