import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiError } from "./api-error.ts";
import { parseCompletionRequest } from "./completion-request.ts";

const server = { defaults: {}, limits: { promptsMax: 4, choicesMax: 8 } };

function parse(body: Record<string, unknown>): ReturnType<typeof parseCompletionRequest> {
  return parseCompletionRequest({ prompt: "hi", ...body }, server);
}

function errorOf(body: Record<string, unknown>): ApiError["body"]["error"] {
  try {
    parse(body);
  } catch (error) {
    return (error as ApiError).body.error;
  }
  throw new Error(`accepted ${JSON.stringify(body)}`);
}

test("parseCompletionRequest() fills in vLLM's defaults", () => {
  assert.deepEqual(parse({}), {
    model: null,
    stream: false,
    includeUsage: false,
    continuousUsage: false,
    n: 1,
    maxTokens: 16,
    maxTokensField: "max_tokens",
    sampling: {
      temperature: 1,
      topP: 1,
      topK: 0,
      minP: 0,
      seed: null,
      presencePenalty: 0,
      frequencyPenalty: 0,
      repetitionPenalty: 1,
      stopTokenIds: [],
      ignoreEos: false,
      minTokens: 0,
      logitBias: null,
      logprobs: null,
      logprobTokenIds: null,
      promptLogprobs: null,
    },
    stopStrings: [],
    includeStopString: false,
    skipSpecialTokens: true,
    addSpecialTokens: true,
    truncation: null,
    echo: false,
    isEchoOnly: false,
    returnTokenIds: false,
    tokensAsIds: false,
    requestId: null,
    cacheSalt: null,
    kvTransfer: null,
    prompts: ["hi"],
  });
});

test("parseCompletionRequest() takes null like an absent field and ignores unknown ones", () => {
  const nulls = { max_tokens: null, n: null, stop: null, seed: null, stream_options: null };
  assert.deepEqual(parse({ ...nulls, made_up: { a: 1 }, user: "me", priority: 3 }), parse({}));
});

test("parseCompletionRequest() reads every form of prompt", () => {
  for (const [prompt, prompts] of [
    ["a", ["a"]],
    ["", [""]],
    [
      ["a", "b"],
      ["a", "b"],
    ],
    [[1, 2], [[1, 2]]],
    [
      [[1], [2, 3]],
      [[1], [2, 3]],
    ],
  ])
    assert.deepEqual(parse({ prompt }).prompts, prompts);
});

for (const prompt of [undefined, 5, null, {}, [1, "a"], [1.5], [-1], [[1], "a"], [["a"]], [[1], 2]])
  test(`parseCompletionRequest() refuses the prompt ${JSON.stringify(prompt)}`, () => {
    const error = errorOf({ prompt });
    assert.equal(error.type, "Bad Request");
    assert.equal(error.param, "body.prompt");
    assert.match(error.message, /^1 validation error:/);
  });

test("parseCompletionRequest() refuses no prompts, and too many at its limits", () => {
  assert.equal(errorOf({ prompt: [] }).type, "BadRequestError");
  assert.equal(parse({ prompt: ["a", "b", "c", "d"], n: 2 }).n, 2);
  assert.equal(errorOf({ prompt: ["a", "b", "c", "d", "e"] }).param, "prompt");
  assert.equal(errorOf({ prompt: ["a", "b", "c"], n: 3 }).param, "n");
});

test("parseCompletionRequest() takes seeds that are integers of 64 bits", () => {
  assert.equal(typeof parse({ seed: 2 ** 63 - 1 }).sampling.seed, "number");
  for (const seed of [1.5, "1", 2 ** 64, -(2 ** 64), true])
    assert.equal(errorOf({ seed }).param, "body.seed");
});

test("parseCompletionRequest() lists all mistakes of shape", () => {
  const error = errorOf({ n: "2", stop: [1], stream: "yes" });
  assert.match(error.message, /^3 validation errors:\n/);
  assert.match(error.message, /body\.stop: expected a string or a list of strings/);
  assert.match(error.message, /body\.n: /);
});

for (const body of [
  { temperature: -0.1 },
  { temperature: 2.1 },
  { top_p: 0 },
  { top_p: 1.1 },
  { top_k: -2 },
  { min_p: 1.5 },
  { presence_penalty: 3 },
  { frequency_penalty: -3 },
  { repetition_penalty: 0 },
  { n: 0 },
  { max_tokens: 0 },
  { max_tokens: -5 },
  { min_tokens: -1 },
  { logprobs: 21 },
  { logprobs: -1 },
  { truncate_prompt_tokens: 0 },
  { stop: ["a", ""] },
  { stop: Array.from({ length: 65 }, () => "x") },
  { stop: "x".repeat(1_025) },
  { stop: "\ud83d" },
  { logit_bias: { x: 1 } },
  { logit_bias: { "1.5": 1 } },
  { stream_options: { include_usage: true } },
  { request_id: "x".repeat(257) },
])
  test(`parseCompletionRequest() refuses ${JSON.stringify(body).slice(0, 60)}`, () => {
    const error = errorOf(body);
    assert.equal(error.type, "BadRequestError");
    assert.equal(error.code, 400);
    assert.equal(error.param, Object.keys(body)[0]);
  });

for (const [field, value] of Object.entries({
  suffix: "x",
  best_of: 2,
  use_beam_search: true,
  prompt_embeds: "AA==",
  response_format: { type: "json_object" },
  structured_outputs: { choice: ["a"] },
  allowed_token_ids: [],
  bad_words: ["x"],
  stream_interval: 2,
}))
  test(`parseCompletionRequest() refuses ${field} instead of ignoring it`, () => {
    const error = errorOf({ [field]: value });
    assert.equal(error.param, field);
    assert.match(error.message, /is not supported by the embedded engine/);
  });

test("parseCompletionRequest() accepts features that are switched off", () => {
  const off = {
    echo: false,
    suffix: "",
    best_of: 1,
    bad_words: [],
    response_format: { type: "text" },
    prompt_logprobs: null,
  };
  assert.deepEqual(parse(off), parse({}));
});

test("parseCompletionRequest() maps sampling and takes the model's defaults for the rest", () => {
  const defaults = { temperature: 0, top_p: 0.9, top_k: 20, min_p: 0.1, repetition_penalty: 1.1 };
  const body = { prompt: "a", temperature: 0.001, seed: -1, logit_bias: { "5": 200 }, top_k: -1 };
  const { sampling } = parseCompletionRequest(body, { ...server, defaults });
  assert.partialDeepStrictEqual(sampling, {
    temperature: 0.01,
    topP: 0.9,
    topK: 0,
    minP: 0.1,
    repetitionPenalty: 1.1,
    seed: null,
    logitBias: { 5: 100 },
  });
});
