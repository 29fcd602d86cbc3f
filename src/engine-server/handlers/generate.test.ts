import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { ChatResponse, GenerateResponse, TokenizeResponse } from "../../openai-api/mod.ts";
import { assertRefused } from "../test-support/assert-answer.ts";
import { until } from "../test-support/raw-client.ts";
import {
  type ModelServer,
  promptOf,
  startModelServer,
} from "../test-support/start-model-server.ts";

const path = "/inference/v1/generate";
let model: ModelServer;
let token_ids: readonly number[];
before(async () => {
  model = await startModelServer();
  ({ tokens: token_ids } = await model.ask<TokenizeResponse>("/tokenize", {
    prompt: promptOf("dam"),
  }));
});
after(() => model.server.close());

test("/inference/v1/generate goes on to the end of the context, and not beyond it", async () => {
  const endless = { ignore_eos: true, temperature: 0 };
  for (const sampling_params of [endless, { ...endless, max_tokens: 100_000 }]) {
    const { usage, choices } = await model.ask<GenerateResponse>(path, {
      token_ids,
      sampling_params,
    });
    assert.equal(usage.total_tokens, 512);
    assert.equal(choices[0]!.finish_reason, "length");
  }
  const short = { ...endless, max_tokens: 3 };
  const { usage } = await model.ask<GenerateResponse>(path, { token_ids, sampling_params: short });
  assert.equal(usage.completion_tokens, 3);
});

test("/inference/v1/generate gives n answers, skips the cache when told, and uses it else", async () => {
  const ask = (sampling_params: object) =>
    model.ask<GenerateResponse>(path, { token_ids: token_ids.toReversed(), sampling_params });
  const { choices } = await ask({ n: 3, seed: 1, temperature: 2, max_tokens: 8 });
  assert.deepEqual(
    choices.map(({ index }) => index),
    [0, 1, 2],
  );
  assert(new Set(choices.map((choice) => choice.token_ids.join(" "))).size > 1);
  const cached = async (params: object) =>
    (await ask({ max_tokens: 1, ...params })).usage.prompt_tokens_details?.cached_tokens ?? 0;
  assert.equal(await cached({ skip_reading_prefix_cache: true }), 0);
  assert.ok((await cached({})) > 0);
});

const refused: readonly (readonly [object, Record<string, unknown>])[] = [
  [{ sampling_params: {} }, { param: "body.token_ids", type: "Bad Request" }],
  [{ token_ids: [], sampling_params: {} }, { param: "body.token_ids" }],
  [{ token_ids: [-1], sampling_params: {} }, { param: "body.token_ids" }],
  [{ token_ids: [1] }, { param: "body.sampling_params" }],
  [{ token_ids: [1], sampling_params: { n: "2" } }, { param: "body.sampling_params.n" }],
  [{ token_ids: [1], sampling_params: { n: 9 } }, { message: /max_num_seqs \(8\), got 9/ }],
  [{ token_ids: [1], sampling_params: { temperature: 3 } }, { param: "temperature" }],
  [{ token_ids: [1], sampling_params: { logprobs: 21 } }, { param: "logprobs" }],
  [{ token_ids: [1], sampling_params: { max_tokens: 0 } }, { param: "max_tokens" }],
  [{ token_ids: [1], sampling_params: { bad_words: ["x"] } }, { param: "bad_words" }],
  [{ token_ids: [1], sampling_params: {}, features: {} }, { param: "features" }],
  [{ token_ids: [1], sampling_params: {}, output_mode: "image" }, { param: "body.output_mode" }],
  [
    { token_ids: [1], sampling_params: { detokenize: false }, output_mode: "text" },
    { param: "output_mode" },
  ],
  [{ token_ids: [9_999_999], sampling_params: {} }, { param: "prompt" }],
];

for (const [body, error] of refused)
  test(`/inference/v1/generate refuses ${JSON.stringify(body)}`, async () => {
    const response = await model.post(path, body);
    const { message, ...facts } = error;
    const { error: told } = (await response.clone().json()) as { error: { message: string } };
    if (message instanceof RegExp) assert.match(told.message, message);
    await assertRefused(response, 400, facts);
  });

test("/inference/v1/abort_requests ends an answer with what it has", async () => {
  const sampling_params = { ignore_eos: true };
  const stream = await model.post(
    path,
    { token_ids, sampling_params, stream: true, output_mode: "text" },
    { "x-request-id": "endless" },
  );
  const reader = stream.body!.getReader();
  await reader.read();
  const aborted = await model.post("/inference/v1/abort_requests", {
    request_ids: ["generate-tokens-endless", "generate-tokens-unknown"],
  });
  assert.deepEqual([aborted.status, await aborted.text()], [200, ""]);
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read())
    text += Buffer.from(part.value).toString();
  assert.match(text, /"finish_reason":"abort"/);
  assert.match(text, /\[DONE\]/);
  let running = 1;
  await until(() => {
    void fetch(`${model.server.url}/load`)
      .then((response) => response.json())
      .then((load) => (running = (load as { server_load: number }).server_load));
    return running === 0;
  });
  await assertRefused(await model.post("/inference/v1/abort_requests", {}), 400, {
    type: "Bad Request",
    message: "Missing 'request_ids' in request body",
  });
  await assertRefused(await model.post("/inference/v1/abort_requests", { request_ids: "x" }), 400, {
    param: "body.request_ids",
  });
});

test("/v1/chat/completions/tokens answers the tokens in place of the messages", async () => {
  const messages = [{ role: "user", content: "these words are not looked at" }];
  const answer = await model.ask<ChatResponse>("/v1/chat/completions/tokens", {
    messages,
    tokens: token_ids,
    return_token_ids: true,
    return_prompt_text: true,
  });
  assert.equal(answer.choices[0]!.message.content, "mad");
  assert.deepEqual(answer.prompt_token_ids, token_ids);
  assert.equal(answer.prompt_text, promptOf("dam"));
  const refused = await model.post("/v1/chat/completions/tokens", { messages });
  await assertRefused(refused, 400, { param: "body.tokens" });
});
