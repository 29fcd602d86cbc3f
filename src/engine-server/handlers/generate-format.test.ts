import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type {
  CompletionResponse,
  GenerateChunk,
  GenerateResponse,
  TokenizeResponse,
} from "../../openai-api/mod.ts";
import {
  type ModelServer,
  promptOf,
  startModelServer,
} from "../test-support/start-model-server.ts";
import { eventsOf } from "../test-support/start-test-server.ts";

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

/** Of "mad" and the end of the message. */
async function answerIds(): Promise<readonly number[]> {
  const { choices } = await model.ask<CompletionResponse>("/v1/completions", {
    prompt: token_ids,
    temperature: 0,
    return_token_ids: true,
  });
  return choices[0]!.token_ids!;
}

test("GenerateFormat answers clients of its first days in the shape of then", async () => {
  const response = await model.post(
    path,
    { token_ids, sampling_params: { temperature: 0, logprobs: 2 } },
    { "x-request-id": "mine" },
  );
  const answer = (await response.json()) as GenerateResponse;
  assert.deepEqual(Object.keys(answer), [
    "request_id",
    "model",
    "created",
    "choices",
    "usage",
    "prompt_logprobs",
    "kv_transfer_params",
    "ec_transfer_params",
  ]);
  assert.equal(answer.request_id, "generate-tokens-mine");
  const { logprobs, ...choice } = answer.choices[0]!;
  assert.deepEqual(choice, {
    index: 0,
    finish_reason: "stop",
    token_ids: await answerIds(),
    routed_experts: null,
    sampling_mask: null,
  });
  const [first] = logprobs!.content;
  assert.deepEqual(Object.keys(first!), ["token", "logprob", "bytes", "top_logprobs"]);
  assert.deepEqual(first!.top_logprobs[0], {
    token: `token_id:${choice.token_ids[0]}`,
    logprob: first!.logprob,
    bytes: null,
  });
  assert.equal(first!.top_logprobs.length, 2);
  assert.equal(answer.usage.prompt_tokens, token_ids.length);
});

test("GenerateFormat tells tokens by number, and weights, to those who say output_mode", async () => {
  const answer = await model.ask<GenerateResponse>(path, {
    token_ids,
    sampling_params: { temperature: 0, logprobs: 0, prompt_logprobs: 0 },
    output_mode: "tokens",
    return_token_ids: true,
  });
  const { output_mode, prompt_token_ids, mm_placeholders, metrics, choices } = answer;
  assert.deepEqual([output_mode, mm_placeholders, metrics], ["tokens", null, null]);
  assert.deepEqual(prompt_token_ids, token_ids);
  assert.equal(answer.prompt_token_id_logprobs, null);
  assert.equal(answer.prompt_logprobs!.length, token_ids.length);
  const { logprobs, weight_versions, ...choice } = choices[0]!;
  assert.equal("text" in choice, false);
  assert.deepEqual(weight_versions, [{ version: "default", start: 0, end: 4 }]);
  const [first] = logprobs!.content;
  const token = { token_id: choice.token_ids[0], logprob: first!.logprob, rank: 1 };
  assert.deepEqual(first, { ...token, top_logprobs: [token] });
});

test("GenerateFormat gives text beside the tokens, cut at stop strings that the tokens keep", async () => {
  const answer = await model.ask<GenerateResponse>(path, {
    token_ids,
    sampling_params: { temperature: 0, logprobs: 1, stop: ["a"] },
    output_mode: "text",
  });
  const [choice] = answer.choices;
  assert.equal(choice!.text, "m");
  assert.deepEqual(choice!.token_ids, (await answerIds()).slice(0, 2));
  assert.deepEqual(Object.keys(choice!.logprobs!.content[0]!), [
    "token",
    "logprob",
    "bytes",
    "top_logprobs",
  ]);
});

test("GenerateFormat streams tokens, then usage, then [DONE], in each shape", async () => {
  const expected = await answerIds();
  for (const mode of [{}, { output_mode: "tokens" }, { output_mode: "text" }]) {
    const response = await model.post(path, {
      token_ids,
      sampling_params: { temperature: 0, logprobs: 0 },
      stream: true,
      stream_options: { include_usage: true },
      ...mode,
      ...("output_mode" in mode && { return_token_ids: true }),
    });
    const chunks = (await eventsOf(response)) as unknown as GenerateChunk[];
    const last = chunks.pop()!;
    assert.deepEqual(last.choices, []);
    assert.equal(last.usage!.completion_tokens, 4);
    assert.notEqual(last.usage!.prompt_tokens_details, null);
    assert.deepEqual(
      chunks.flatMap(({ choices }) => choices[0]!.token_ids),
      expected,
    );
    assert(chunks.every(({ usage }) => usage === null));
    assert.equal(chunks.at(-1)!.choices[0]!.finish_reason, "stop");
    const isLegacy = !("output_mode" in mode);
    assert.deepEqual(chunks[0]!.prompt_token_ids, isLegacy ? undefined : token_ids);
    assert.equal("weight_versions" in chunks.at(-1)!.choices[0]!, !isLegacy);
    if (chunks.length > 1 && !isLegacy) assert.equal(chunks[1]!.prompt_token_ids, null);
  }
});
