import assert from "node:assert/strict";
import { test } from "node:test";
import { saying } from "../test-support/fake-engine.ts";
import { startTestServer } from "../test-support/start-test-server.ts";

const completions = "/v1/completions";

test("preparePrompt() cuts prompts to truncate_prompt_tokens", async (context) => {
  const { post, engine } = await startTestServer(context, { script: saying("a") });
  const prompt = Array.from({ length: 300 }, (_, index) => index % 256);
  for (const body of [
    { truncate_prompt_tokens: 3 },
    { truncate_prompt_tokens: 3, truncation_side: "right" },
    { truncate_prompt_tokens: -1 },
  ])
    await post(completions, { prompt, ...body });
  const [left, right, whole] = engine.submitted.map(({ promptTokenIds }) => promptTokenIds);
  assert.deepEqual(left, prompt.slice(-3));
  assert.deepEqual(right, prompt.slice(0, 3));
  assert.deepEqual(whole, prompt.slice(-240));
});

test("preparePrompt() bounds the answer by max_new_tokens of the model", async (context) => {
  const model = { generationDefaults: { max_new_tokens: 5, temperature: 0.25 } };
  const { post, engine } = await startTestServer(context, { script: saying("a"), model });
  await post(completions, { prompt: "a", max_tokens: 50 });
  assert.partialDeepStrictEqual(engine.submitted[0]?.samplingParams, {
    maxTokens: 5,
    temperature: 0.25,
  });
});

test("preparePrompt() says how long prompt and context are", async (context) => {
  const { post } = await startTestServer(context, { script: saying("a") });
  const response = await post(completions, { prompt: Array(250).fill(1), max_tokens: 20 });
  const { error } = (await response.json()) as { error: { message: string } };
  assert.match(error.message, /maximum context length is 256 tokens/);
  assert.match(error.message, /you requested 270 tokens \(250 in the prompt, 20 for the output\)/);
});

test("preparePrompt() refuses min_tokens above what the answer may have", async (context) => {
  const model = { generationDefaults: { max_new_tokens: 50 } };
  const { post } = await startTestServer(context, { script: saying("a"), model });
  const chat = { messages: [{ role: "user", content: "a" }] };
  for (const [path, body, bound] of [
    [completions, { prompt: "a", min_tokens: 17 }, 16],
    [completions, { prompt: "a", min_tokens: 11, max_tokens: 10 }, 10],
    ["/v1/chat/completions", { ...chat, min_tokens: 51 }, 50],
  ] as const) {
    const response = await post(path, body);
    const { error } = (await response.json()) as { error: { message: string; param: string } };
    assert.equal(error.param, "min_tokens");
    assert.match(error.message, new RegExp(`^min_tokens must be at most max_tokens=${bound}, got`));
  }
});

test("preparePrompt() refuses to tokenize endless text, truncated or not", async (context) => {
  const limits = { textCharsMax: 10_000 };
  const { post } = await startTestServer(context, { script: saying("a") }, limits);
  const statusOf = async (path: string, length: number): Promise<number> => {
    const body = { prompt: "a".repeat(length), truncate_prompt_tokens: 2, max_tokens: 1 };
    return (await post(path, body)).status;
  };
  for (const path of [completions, "/tokenize"]) {
    assert.equal(await statusOf(path, 10_000), 200, path);
    assert.equal(await statusOf(path, 10_001), 400, path);
  }
});
