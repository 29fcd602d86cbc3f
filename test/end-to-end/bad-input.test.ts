/** Bad input gets a 4xx in vLLM's error shape, and the server lives on. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, afterEach, before, test } from "node:test";
import { penstockServe, startDeployment, type Deployment } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { readMetric } from "../support/metrics.ts";

const model = "penstock/reverse-moe";
const messages = [{ role: "user", content: "Reverse: turbine" }];
let deployment: Deployment;

before(async () => {
  deployment = await startDeployment({ command: penstockServe });
});
after(() => deployment?.stop());

afterEach(async () => {
  const answer = await deployment.client.chat.completions.create({
    model,
    messages: [{ role: "user", content: "Copy: alive" }],
    temperature: 0,
  });
  assert.equal(answer.choices[0]?.message.content, "alive", "the server lives on");
});

interface Failure {
  readonly status: number;
  readonly message?: RegExp;
  readonly type?: string;
  readonly param?: string;
}

async function post(
  path: string,
  body: string,
  contentType = "application/json",
): Promise<Response> {
  return fetch(`${deployment.url}${path}`, {
    method: "POST",
    headers: { "content-type": contentType },
    body,
    signal: AbortSignal.timeout(30_000),
  });
}

async function assertFailure(response: Response, wanted: Failure): Promise<void> {
  const text = await response.text();
  assert.equal(response.status, wanted.status, text);
  const { error } = JSON.parse(text) as {
    error: { message: string; type: string; param: string | null; code: number };
  };
  assert.equal(error.code, wanted.status);
  assert.equal(typeof error.message, "string");
  if (wanted.message !== undefined) assert.match(error.message, wanted.message);
  if (wanted.type !== undefined) assert.equal(error.type, wanted.type);
  if (wanted.param !== undefined) assert.equal(error.param, wanted.param);
}

const chatCases: Readonly<Record<string, readonly [body: unknown, wanted: Failure]>> = {
  "messages of the wrong type": [
    { model, messages: "hello" },
    { status: 400, type: "Bad Request", message: /validation error/ },
  ],
  "a temperature of the wrong type": [
    { model, messages, temperature: "hot" },
    { status: 400, type: "Bad Request" },
  ],
  "a temperature out of range": [{ model, messages, temperature: -1 }, { status: 400 }],
  "an unknown model": [
    { model: "nobody/nothing", messages },
    {
      status: 404,
      type: "NotFoundError",
      param: "model",
      message: /The model `nobody\/nothing` does not exist/,
    },
  ],
  "empty messages": [{ model, messages: [] }, { status: 400 }],
  "negative max_tokens": [
    { model, messages, max_tokens: -1 },
    { status: 400, message: /max_tokens/ },
  ],
  "stream_options without stream": [
    { model, messages, stream_options: { include_usage: true } },
    { status: 400 },
  ],
  "more top_logprobs than allowed": [
    { model, messages, logprobs: true, top_logprobs: 1_000 },
    { status: 400 },
  ],
  "a top_p of zero": [
    { model, messages, top_p: 0 },
    { status: 400, message: /top_p/ },
  ],
  "n of zero": [{ model, messages, n: 0 }, { status: 400 }],
};

for (const [name, [body, wanted]] of Object.entries(chatCases))
  test(`chat completions refuse ${name}`, async () => {
    await assertFailure(await post("/v1/chat/completions", JSON.stringify(body)), wanted);
  });

const completionCases: Readonly<Record<string, readonly [body: unknown, wanted: Failure]>> = {
  "a missing prompt": [{ model }, { status: 400 }],
  "an empty list of prompts": [{ model, prompt: [] }, { status: 400 }],
  "token ids outside the vocabulary": [{ model, prompt: [1, 2, 1_000_000] }, { status: 400 }],
  "negative token ids": [{ model, prompt: [-1] }, { status: 400 }],
  "token ids that are not whole": [{ model, prompt: [1.5] }, { status: 400 }],
  "min_tokens above max_tokens": [
    { model, prompt: "a", min_tokens: 9, max_tokens: 3 },
    { status: 400 },
  ],
};

for (const [name, [body, wanted]] of Object.entries(completionCases))
  test(`completions refuse ${name}`, async () => {
    await assertFailure(await post("/v1/completions", JSON.stringify(body)), wanted);
  });

test("a prompt longer than the context is refused with both lengths", async () => {
  const body = { model, messages: [{ role: "user", content: "a".repeat(20_000) }] };
  await assertFailure(await post("/v1/chat/completions", JSON.stringify(body)), {
    status: 400,
    message: /4096/,
  });
});

test("a body that is not JSON is refused", async () => {
  for (const body of ["", "{", "nonsense", '{"model": }', "\u0000"])
    await assertFailure(await post("/v1/chat/completions", body), { status: 400 });
});

test("a body of another content type is refused", async () => {
  const response = await post(
    "/v1/chat/completions",
    JSON.stringify({ model, messages }),
    "text/plain",
  );
  await assertFailure(response, { status: 400, message: /application\/json/ });
});

test("10 MB of brackets are refused", async () => {
  const response = await post("/v1/chat/completions", "[".repeat(10_000_000));
  assert.ok([400, 413].includes(response.status), `status ${response.status}`);
  await assertFailure(response, { status: response.status });
});

test("a body that is cut off leaves nothing behind", async () => {
  await new Promise<void>((resolve, reject) => {
    const socket = connect(deployment.port, "127.0.0.1", () => {
      socket.write(
        'POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"model"',
        () => socket.end(),
      );
    });
    socket.resume();
    socket.once("close", () => resolve());
    socket.once("error", reject);
  });
  await eventually(
    "the router to hold no request",
    async () =>
      (await readMetric(deployment.url, "penstock_router_requests_in_flight")) === 0 || undefined,
  );
  const load = await fetch(`${deployment.rankUrls[0]}/load`);
  assert.deepEqual(await load.json(), { server_load: 0 });
});

test("unknown paths and methods are refused", async () => {
  await assertFailure(await fetch(`${deployment.url}/v1/nothing`), { status: 404 });
  await assertFailure(await fetch(`${deployment.url}/v1/chat/completions`), { status: 405 });
});
