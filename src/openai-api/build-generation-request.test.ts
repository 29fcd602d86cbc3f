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
  echoedLogprobs: null,
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

test("buildGenerationRequest() takes seeds of 64 bits and leaves room to count on from them", () => {
  const seedOf = (seed: number) =>
    buildGenerationRequest({ seed }, specifics, server).sampling.seed;
  assert.deepEqual([0, 7, -5, -1].map(seedOf), [0, 7, -5, null]);
  const wide = [2 ** 53 - 1, 0x1234_5678_9abc_d800, 0x1234_5678_9abc_e000, 2 ** 63, -(2 ** 63)];
  const folded = wide.map(seedOf);
  for (const seed of folded) assert.ok(Number.isSafeInteger(seed! + server.limits.choicesMax));
  assert.notEqual(folded[1], folded[2]);
});

test("buildGenerationRequest() refuses choices past its limit", () => {
  const twoPrompts = { ...specifics, promptCount: 2 };
  assert.equal(buildGenerationRequest({ n: 2 }, twoPrompts, server).n, 2);
  assert.throws(() => buildGenerationRequest({ n: 3 }, twoPrompts, server), { status: 400 });
});
