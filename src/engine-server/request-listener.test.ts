import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { saying } from "./test-support/fake-engine.ts";
import { readToEnd, sendRaw } from "./test-support/raw-client.ts";
import { assertAlive, assertRefused } from "./test-support/assert-answer.ts";
import { startTestServer, type TestServer } from "./test-support/start-test-server.ts";

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
  test(`requestListener() answers ${name} with 400 and lives on`, async (context) => {
    const started = await start(context);
    await assertRefused(await started.post(path, body), 400, error);
    await assertAlive(started);
  });

test("requestListener() answers an unknown model with 404", async (context) => {
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

test("requestListener() answers unknown paths with 404 and wrong methods with 405", async (context) => {
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

test("requestListener() refuses headers past their limit", async (context) => {
  const started = await start(context);
  const socket = await sendRaw(
    started.server.url,
    `GET /health HTTP/1.1\r\nX: ${"y".repeat(40_000)}\r\n\r\n`,
  );
  assert.match(await readToEnd(socket), /^HTTP\/1.1 431 /);
  await assertAlive(started);
});

test("requestListener() drops connections past its limit", async (context) => {
  const limits = { connectionsMax: 1 };
  const { server } = await startTestServer(context, { script: saying("ok") }, limits);
  const first = await sendRaw(server.url, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(first, "data");
  const second = await sendRaw(server.url, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.equal(await readToEnd(second), "");
  first.destroy();
});

test("requestListener() ends connections that stay idle", async (context) => {
  const limits = { keepAliveTimeoutMs: 20 };
  const { server } = await startTestServer(context, { script: saying("ok") }, limits);
  const socket = await sendRaw(server.url, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.match(await readToEnd(socket), /^HTTP\/1.1 200 /);
});
