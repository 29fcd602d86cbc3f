import assert from "node:assert/strict";
import { test } from "node:test";
import { samplingParams } from "../test-support/sampling-params.ts";
import type { ModelSummary } from "../types.ts";
import { checkRequest } from "./check-request.ts";

const model: ModelSummary = {
  architecture: "FakeForCausalLM",
  vocabSize: 10,
  maxModelLen: 4,
  eosTokenIds: [],
  generationDefaults: {},
  parameterCount: 0,
  weightBytes: 0,
  dtype: "float32",
  kvBlockCount: 1,
  blockSize: 4,
  threadCount: 1,
};

function check(promptTokenIds: readonly number[], maxTokens = 1): void {
  const request = { requestId: "a", promptTokenIds, samplingParams: samplingParams({ maxTokens }) };
  checkRequest(request, model);
}

test("checkRequest() takes prompts up to one token below the model's length", () => {
  check([0]);
  check([0, 5, 9], 1_000_000);
  assert.throws(() => check([0, 5, 9, 9]), {
    code: "ENGINE_PROMPT_TOO_LONG",
    facts: { requestId: "a", promptTokenCount: 4, maxModelLen: 4 },
  });
});

test("checkRequest() refuses empty prompts, ids outside the vocabulary and no room for an answer", () => {
  for (const prompt of [[], [10], [-1], [0.5], [NaN], [Infinity]])
    assert.throws(() => check(prompt), { code: "ENGINE_REQUEST_INVALID" });
  for (const maxTokens of [0, -1, 0.5, NaN, Infinity])
    assert.throws(() => check([1], maxTokens), { code: "ENGINE_REQUEST_INVALID" });
});
