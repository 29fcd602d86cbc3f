import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type {
  ChatChunkChoice,
  ChatResponse,
  CompletionChunkChoice,
  CompletionResponse,
  TokenizeResponse,
} from "../openai-api/mod.ts";
import { assertRefused } from "./test-support/assert-answer.ts";
import { type ModelServer, promptOf, startModelServer } from "./test-support/start-model-server.ts";
import { eventsOf } from "./test-support/start-test-server.ts";

// The bundled model itself: what it says of a prompt must be what it said while it wrote that text.
let model: ModelServer;
before(async () => {
  model = await startModelServer();
});
after(() => model.server.close());

const prompt = promptOf("dam");
const answer = "mad";

const complete = (body: Record<string, unknown>): Promise<CompletionResponse> =>
  model.ask<CompletionResponse>("/v1/completions", body);
const chat = (body: Record<string, unknown>): Promise<ChatResponse> =>
  model.ask<ChatResponse>("/v1/chat/completions", body);

test("prompt_logprobs of an answer are the logprobs it was generated with", async () => {
  const written = (await complete({ prompt, logprobs: 2, return_token_ids: true })).choices[0]!;
  assert.equal(written.text, answer);
  const promptLength = written.prompt_token_ids!.length;
  const tokenIds = [...written.prompt_token_ids!, ...written.token_ids!];
  const { choices, usage } = await complete({
    prompt: tokenIds,
    prompt_logprobs: 2,
    max_tokens: 1,
  });
  const entries = choices[0]!.prompt_logprobs!;
  assert.equal(entries.length, tokenIds.length);
  assert.equal(entries[0], null);
  for (const [index, tokenId] of tokenIds.entries()) {
    if (index === 0) continue;
    const own = entries[index]![tokenId]!;
    assert.deepEqual(Object.keys(own), ["logprob", "rank", "decoded_token"]);
    assert.equal(Object.keys(entries[index]!).length, own.rank > 2 ? 3 : 2);
    if (index < promptLength) continue;
    assert.equal(own.logprob, written.logprobs!.token_logprobs[index - promptLength]);
    assert.equal(own.decoded_token, written.logprobs!.tokens[index - promptLength]);
    assert.equal(own.rank, 1);
  }
  assert.equal(usage.prompt_tokens_details, null, "Nothing was read from the cache");
});

test("prompt_logprobs stand at the top of a chat's response", async () => {
  const { choices, prompt_logprobs, prompt_token_ids } = await chat({
    messages: [{ role: "user", content: "Reverse: dam" }],
    prompt_logprobs: 0,
    return_token_ids: true,
  });
  assert.equal(choices[0]!.message.content, answer);
  assert.equal(prompt_logprobs!.length, prompt_token_ids!.length);
  assert.deepEqual(Object.keys(prompt_logprobs![3]!), [`${prompt_token_ids![3]}`]);
});

test("echo puts the prompt before the answer, for each of n answers to each prompt", async () => {
  const prompts = [prompt, promptOf("tap")];
  const { choices, usage } = await complete({ prompt: prompts, echo: true, n: 2, temperature: 0 });
  const expected = [`${prompt}${answer}`, `${promptOf("tap")}pat`].flatMap((text) => [text, text]);
  assert.deepEqual(
    choices.map(({ text }) => text),
    expected,
  );
  assert.deepEqual(
    choices.map(({ index }) => index),
    [0, 1, 2, 3],
  );
  assert.equal(usage.completion_tokens, 16);
});

test("echo without max_tokens gives the prompt alone, with its logprobs", async () => {
  const body = { prompt, echo: true, max_tokens: 0, logprobs: 1 };
  const { choices, usage } = await complete(body);
  const { text, logprobs, finish_reason } = choices[0]!;
  assert.deepEqual([text, finish_reason, usage.completion_tokens], [prompt, "length", 1]);
  assert.equal(logprobs!.tokens.join(""), prompt);
  assert.equal(logprobs!.token_logprobs[0], null);
  assert.equal(logprobs!.top_logprobs[0], null);
  assert.equal(logprobs!.token_logprobs.length, usage.prompt_tokens);
  assert.equal(logprobs!.text_offset.at(-1), prompt.length - logprobs!.tokens.at(-1)!.length);
  const joined = (await complete({ ...body, max_tokens: 10 })).choices[0]!.logprobs!;
  assert.deepEqual(joined.token_logprobs.slice(0, usage.prompt_tokens), logprobs!.token_logprobs);
  assert.equal(joined.tokens.join(""), `${prompt}${answer}<|im_end|>`);
});

test("echo streams the prompt with the first delta; token ids stand in place of its text", async () => {
  const body = { prompt, echo: true, stream: true, logprobs: 0 };
  const chunks = await eventsOf(await model.post("/v1/completions", body));
  const choices = chunks.map(({ choices }) => (choices as [CompletionChunkChoice])[0]);
  assert.equal(choices.map(({ text }) => text).join(""), prompt + answer);
  assert.ok(choices[0]!.text.startsWith(prompt));
  assert.ok(choices[0]!.logprobs!.tokens.join("").startsWith(prompt));
  assert.ok(choices[0]!.prompt_token_ids !== null);
  const byIds = await complete({ prompt, echo: true, return_token_ids: true });
  assert.equal(byIds.choices[0]!.text, answer);
});

test("echo decodes prompts that came as token ids", async () => {
  const { tokens } = await model.ask<TokenizeResponse>("/tokenize", { prompt });
  const { choices } = await complete({ prompt: tokens, echo: true });
  assert.equal(choices[0]!.text, prompt + answer);
});

test("echo continues the last message of a chat, and no message of another role", async () => {
  const body = {
    messages: [
      { role: "user", content: "Reverse: dam" },
      { role: "assistant", content: [{ type: "text", text: "m" }] },
    ],
    add_generation_prompt: false,
    continue_final_message: true,
    temperature: 0,
  };
  const [plain, echoed] = [await chat(body), await chat({ ...body, echo: true })];
  const { content } = plain.choices[0]!.message;
  assert.equal(echoed.choices[0]!.message.content, `m${content}`);
  const stream = await model.post("/v1/chat/completions", { ...body, echo: true, stream: true });
  const contents = (await eventsOf(stream)).map(
    ({ choices }) => (choices as [ChatChunkChoice])[0].delta.content,
  );
  assert.deepEqual(contents.slice(0, 2), ["", "m"]);
  assert.equal(contents.join(""), `m${content}`);
  const other = await chat({ messages: body.messages.slice(0, 1), echo: true });
  assert.equal(other.choices[0]!.message.content, answer);
});

test("logprob_token_ids name tokens in place of the likeliest", async () => {
  const { tokens } = await model.ask<TokenizeResponse>("/tokenize", { prompt: "xyz" });
  const { choices } = await complete({
    prompt,
    logprobs: 0,
    logprob_token_ids: tokens,
    return_tokens_as_token_ids: true,
  });
  const names = tokens.map((id) => `token_id:${id}`);
  const top = choices[0]!.logprobs!.top_logprobs[0]!;
  assert.deepEqual(Object.keys(top), [choices[0]!.logprobs!.tokens[0], ...names]);
  const inChat = await chat({
    messages: [{ role: "user", content: "Reverse: dam" }],
    logprobs: true,
    logprob_token_ids: tokens,
  });
  const first = inChat.choices[0]!.logprobs!.content[0]!;
  assert.deepEqual(
    first.top_logprobs.map(({ token }) => token),
    ["m", "x", "y", "z"],
  );
  assert.equal(first.top_logprobs[1]!.logprob, top[names[0]!]);
});

const refused: readonly (readonly [string, Record<string, unknown>])[] = [
  ["prompt_logprobs", { prompt_logprobs: 21 }],
  ["prompt_logprobs", { prompt_logprobs: -1 }],
  ["prompt_logprobs", { prompt_logprobs: -2 }],
  ["prompt_logprobs", { prompt_logprobs: 1, stream: true }],
  ["logprob_token_ids", { logprob_token_ids: [1] }],
  ["logprob_token_ids", { logprob_token_ids: [], logprobs: 1 }],
  ["logprob_token_ids", { logprob_token_ids: Array.from({ length: 129 }, () => 1), logprobs: 1 }],
  ["logprob_token_ids", { logprob_token_ids: [4_000_000], logprobs: 1 }],
  ["logprob_token_ids", { logprob_token_ids: [1], logprobs: 1, echo: true, max_tokens: 0 }],
  ["max_tokens", { max_tokens: 0 }],
];

for (const [param, fields] of refused)
  test(`completions refuse ${JSON.stringify(fields).slice(0, 80)}`, async () => {
    const type = "BadRequestError";
    await assertRefused(await model.post("/v1/completions", { prompt, ...fields }), 400, {
      param,
      type,
    });
  });

test("fields of the wrong type get the error of the body", async () => {
  for (const fields of [{ echo: 1 }, { prompt_logprobs: "2" }, { logprob_token_ids: [-1] }])
    await assertRefused(await model.post("/v1/completions", { prompt, ...fields }), 400, {
      type: "Bad Request",
    });
});
