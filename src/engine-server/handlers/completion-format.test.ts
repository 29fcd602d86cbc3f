import assert from "node:assert/strict";
import { test } from "node:test";
import { saying } from "../test-support/fake-engine.ts";
import { eventsOf, startTestServer } from "../test-support/start-test-server.ts";

test("CompletionFormat answers with every key that vLLM's full dump has", async (context) => {
  const { post } = await startTestServer(context, { script: saying("hé") });
  const headers = { "content-type": "application/json", "x-request-id": "my-id" };
  const response = await post("/v1/completions", { prompt: "ab", logprobs: 2 }, { headers });
  const { created, system_fingerprint, ...rest } = (await response.json()) as Record<
    string,
    unknown
  >;
  assert.ok(Math.abs(Number(created) - Date.now() / 1000) < 60);
  assert.match(String(system_fingerprint), /^penstock-\d+\.\d+\.\d+-[0-9a-f]{8}$/);
  assert.deepEqual(rest, {
    id: "cmpl-my-id",
    object: "text_completion",
    model: "test/model",
    choices: [
      {
        index: 0,
        text: "hé",
        logprobs: {
          text_offset: [0, 1, 2, 3],
          token_logprobs: [-0.5, -0.5, -0.5, -0.5],
          tokens: ["h", "\uFFFD", "\uFFFD", "<|im_end|>"],
          top_logprobs: [
            { h: -0.5, i: -9999 },
            { "\uFFFD": -9999 },
            { "\uFFFD": -9999 },
            { "<|im_end|>": -0.5, "\u0004": -0.5, "\u0005": -9999 },
          ],
        },
        finish_reason: "stop",
        stop_reason: null,
        token_ids: null,
        prompt_logprobs: null,
        prompt_token_ids: null,
        routed_experts: null,
      },
    ],
    service_tier: null,
    usage: {
      prompt_tokens: 2,
      total_tokens: 6,
      completion_tokens: 4,
      prompt_tokens_details: null,
      completion_tokens_details: null,
    },
    kv_transfer_params: null,
    ec_transfer_params: null,
    metrics: null,
  });
});

test("CompletionFormat streams the seven choice keys, then usage, then [DONE]", async (context) => {
  const { post } = await startTestServer(context, { script: saying("hi") });
  const headers = { "content-type": "application/json", "x-request-id": "s" };
  const stream_options = { include_usage: true, continuous_usage_stats: true };
  const body = { prompt: [1, 2, 3], stream: true, stream_options, return_token_ids: true };
  const response = await post("/v1/completions", body, { headers });
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  const events = await eventsOf(response);
  const { created } = events[0]!;
  const head = { id: "cmpl-s", object: "text_completion", created, model: "test/model" };
  const choice = (text: string, tokenId: number, rest: Record<string, unknown>) => ({
    index: 0,
    text,
    logprobs: null,
    finish_reason: null,
    stop_reason: null,
    prompt_token_ids: null,
    token_ids: [tokenId],
    ...rest,
  });
  const usage = (tokens: number) => ({
    prompt_tokens: 3,
    total_tokens: 3 + tokens,
    completion_tokens: tokens,
  });
  const first = choice("h", 104, { prompt_token_ids: [1, 2, 3] });
  const last = choice("", 260, { finish_reason: "stop" });
  assert.deepEqual(events.slice(0, 3), [
    { ...head, choices: [first], usage: usage(1) },
    { ...head, choices: [choice("i", 105, {})], usage: usage(2) },
    { ...head, choices: [last], usage: usage(3) },
  ]);
  assert.partialDeepStrictEqual(events[3], { ...head, choices: [], usage: usage(3) });
});

test("CompletionFormat puts the fingerprint on the finish chunk when no usage follows", async (context) => {
  const { post } = await startTestServer(context, { script: saying("") });
  const events = await eventsOf(await post("/v1/completions", { prompt: "a", stream: true }));
  assert.equal(events.length, 1);
  assert.match(String(events[0]?.["system_fingerprint"]), /^penstock-/);
  assert.equal("usage" in events[0]!, false);
});
