import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI, { BadRequestError, NotFoundError } from "openai";
import type { EngineServer } from "./mod.ts";
import { until } from "./test-support/raw-client.ts";
import { modelName as model, startModelServer } from "./test-support/start-model-server.ts";

// The bundled model, the engine's own threads and the official client: nothing here is a stand-in.

let server: EngineServer;
let client: OpenAI;

before(async () => {
  ({ server } = await startModelServer());
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 0 });
});

after(() => server.close());

const words = ["water", "gate", "pipe"];
const ask = (word: string) => [{ role: "user" as const, content: `Reverse: ${word}` }];
const reverse = (word: string) => word.split("").toReversed().join("");
const promptOf = (word: string) =>
  `<|im_start|>user\nReverse: ${word}<|im_end|>\n<|im_start|>assistant\n`;

test("startEngineServer() serves right answers to the openai client", async () => {
  const completion = await client.chat.completions.create({ model, messages: ask("turbine") });
  assert.equal(completion.choices[0]?.message.content, "enibrut");
  assert.equal(completion.choices[0]?.finish_reason, "stop");
  assert.equal(completion.usage?.completion_tokens, 8);
});

test("startEngineServer() streams to the openai client, usage last", async () => {
  const stream = await client.chat.completions.create({
    model,
    messages: ask("penstock"),
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let usage;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, "kcotsnep");
  assert.equal(usage?.completion_tokens, 9);
});

test("startEngineServer() completes text, lists and token ids alike", async () => {
  const expected = words.map((word) => reverse(word));
  for (const prompt of [words.map(promptOf), await Promise.all(words.map(tokenize))]) {
    const { choices } = await client.completions.create({ model, prompt, max_tokens: 20 });
    assert.deepEqual(
      choices.map(({ text }) => text),
      expected,
    );
  }
});

async function tokenize(word: string): Promise<number[]> {
  const response = await fetch(`${server.url}/tokenize`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: promptOf(word) }),
  });
  return ((await response.json()) as { tokens: number[] }).tokens;
}

test("startEngineServer() gives logprobs that add up and name the chosen token", async () => {
  const { choices } = await client.chat.completions.create({
    model,
    messages: ask("dam"),
    logprobs: true,
    top_logprobs: 5,
  });
  const content = choices[0]?.logprobs?.content ?? [];
  assert.equal(content.map(({ token }) => token).join(""), "mad<|im_end|>");
  for (const { token, logprob, top_logprobs } of content) {
    assert.equal(top_logprobs.length, 5);
    assert.equal(top_logprobs[0]?.token, token);
    assert.equal(top_logprobs[0]?.logprob, logprob);
    assert.ok(logprob <= 0 && logprob > -1);
    const mass = top_logprobs.reduce((sum, top) => sum + Math.exp(top.logprob), 0);
    assert.ok(mass <= 1.0001);
  }
});

test("startEngineServer() repeats sampled answers for a seed, and n answers differ", async () => {
  const sample = async (): Promise<(string | null)[]> => {
    const { choices } = await client.chat.completions.create({
      model,
      messages: ask("zyxwvutsrqponm"),
      temperature: 2,
      seed: 5,
      n: 3,
      max_tokens: 16,
    });
    return choices.map(({ message }) => message.content);
  };
  const first = await sample();
  assert.deepEqual(await sample(), first);
  assert.equal(new Set(first).size > 1, true);
});

test("startEngineServer() cuts at stop strings", async () => {
  const { choices } = await client.chat.completions.create({
    model,
    messages: ask("turbine"),
    stop: ["br"],
  });
  assert.equal(choices[0]?.message.content, "eni");
});

test("startEngineServer() answers many at once, each rightly", async () => {
  const letters = "abcdefghijklmnopqrstuvwxyz";
  const asked = Array.from({ length: 24 }, (_, index) =>
    letters.slice(index % 20, (index % 20) + 5),
  );
  const answers = await Promise.all(
    asked.map((word) =>
      client.chat.completions.create({ model, messages: ask(word), max_tokens: 10 }),
    ),
  );
  const texts = answers.map(({ choices }) => choices[0]?.message.content);
  const right = asked.filter((word, index) => reverse(word) === texts[index]);
  assert.ok(right.length >= 22, `${right.length} of 24 are right`);
});

test("startEngineServer() frees the slot of a client that aborts mid-stream", async () => {
  const endless = { model, messages: ask("turbine"), max_tokens: 400, ignore_eos: true };
  const stream = await client.chat.completions.create({ ...endless, stream: true });
  let chunkCount = 0;
  for await (const _ of stream) if (++chunkCount === 3) break;
  let running = 1;
  const poll = setInterval(
    () => void metric(/num_requests_running\{.*\} (\d+)/).then((count) => (running = count)),
    5,
  );
  await until(() => running === 0, 10_000);
  clearInterval(poll);
  assert.equal(await metric(/finished_reason="abort"\} (\d+)/), 1);
});

async function metric(pattern: RegExp): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(pattern.exec(text)?.[1]);
}

test("startEngineServer() makes the openai client throw its typed errors", async () => {
  const messages = ask("a");
  await assert.rejects(client.chat.completions.create({ model: "gpt-9", messages }), NotFoundError);
  await assert.rejects(
    client.chat.completions.create({ model, messages, temperature: 9 }),
    BadRequestError,
  );
  const long = [{ role: "user" as const, content: "x".repeat(2_000) }];
  await assert.rejects(client.chat.completions.create({ model, messages: long }), {
    status: 400,
    message: /maximum context length is 512 tokens/,
  });
});
