import assert from "node:assert/strict";
import { test } from "node:test";
import { buildGenerationRequest } from "./build-generation-request.ts";

const server = {
  defaults: { temperature: 0.3, top_k: 7 },
  limits: { promptsMax: 2, choicesMax: 4 },
};
const specifics = {
  maxTokens: 10,
  maxTokensField: "max_tokens",
  logprobs: null,
  addSpecialTokens: true,
  promptCount: 1,
} as const;

test("buildGenerationRequest() prefers the request, then the model, then vLLM's defaults", () => {
  const { sampling } = buildGenerationRequest({ top_k: 3 }, specifics, server);
  assert.equal(sampling.topK, 3);
  assert.equal(sampling.temperature, 0.3);
  assert.equal(sampling.topP, 1);
});

test("buildGenerationRequest() keeps zero as greedy and lifts temperatures that overflow", () => {
  const temperatureOf = (temperature: number): number =>
    buildGenerationRequest({ temperature }, specifics, server).sampling.temperature;
  assert.deepEqual([0, 1e-9, 0.5].map(temperatureOf), [0, 0.01, 0.5]);
});

test("buildGenerationRequest() gives usage per chunk only beside the usage at the end", () => {
  const request = (stream_options: object) =>
    buildGenerationRequest({ stream: true, stream_options }, specifics, server);
  assert.equal(request({ continuous_usage_stats: true }).continuousUsage, false);
  const both = request({ continuous_usage_stats: true, include_usage: true });
  assert.deepEqual([both.includeUsage, both.continuousUsage], [true, true]);
});

test("buildGenerationRequest() refuses choices past its limit and min_tokens past max_tokens", () => {
  const twoPrompts = { ...specifics, promptCount: 2 };
  assert.equal(buildGenerationRequest({ n: 2 }, twoPrompts, server).n, 2);
  assert.throws(() => buildGenerationRequest({ n: 3 }, twoPrompts, server), { status: 400 });
  assert.throws(() => buildGenerationRequest({ min_tokens: 11 }, specifics, server), {
    message: /min_tokens must be at most max_tokens=10/,
  });
});
