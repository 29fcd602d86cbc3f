import assert from "node:assert/strict";
import { test } from "node:test";
import { saying } from "../test-support/fake-engine.ts";
import { eventsOf, startTestServer } from "../test-support/start-test-server.ts";

const messages = [{ role: "user", content: "hi" }];

const headers = { "content-type": "application/json", "x-request-id": "my-id" };

test("ChatFormat answers with every key that vLLM's full dump has", async (context) => {
  const { post } = await startTestServer(context, { script: saying("é") });
  const body = { messages, logprobs: true, top_logprobs: 1 };
  const response = await post("/v1/chat/completions", body, { headers });
  const { created, system_fingerprint, ...rest } = (await response.json()) as Record<
    string,
    unknown
  >;
  assert.equal(typeof created, "number");
  assert.equal(typeof system_fingerprint, "string");
  const half = (byte: number) => ({ token: "\uFFFD", logprob: -0.5, bytes: [byte] });
  const end = { token: "<|im_end|>", logprob: -0.5, bytes: [...Buffer.from("<|im_end|>")] };
  assert.deepEqual(rest, {
    id: "chatcmpl-my-id",
    object: "chat.completion",
    model: "test/model",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: "é",
          refusal: null,
          annotations: null,
          audio: null,
          function_call: null,
          reasoning: null,
        },
        logprobs: {
          content: [
            { ...half(0xc3), top_logprobs: [half(0xc3)] },
            { ...half(0xa9), top_logprobs: [half(0xa9)] },
            { ...end, top_logprobs: [{ token: "\u0004", logprob: -0.5, bytes: [4] }] },
          ],
        },
        finish_reason: "stop",
        stop_reason: null,
        token_ids: null,
        routed_experts: null,
      },
    ],
    service_tier: null,
    usage: {
      prompt_tokens: 21,
      total_tokens: 24,
      completion_tokens: 3,
      prompt_tokens_details: null,
      completion_tokens_details: null,
    },
    prompt_logprobs: null,
    prompt_token_ids: null,
    prompt_text: null,
    kv_transfer_params: null,
    ec_transfer_params: null,
    metrics: null,
  });
});

test("ChatFormat streams role, deltas, finish, usage and [DONE]", async (context) => {
  const { post } = await startTestServer(context, { script: saying("h") });
  const body = { messages, stream: true, stream_options: { include_usage: true } };
  const events = await eventsOf(await post("/v1/chat/completions", body, { headers }));
  const { created } = events[0]!;
  const head = {
    id: "chatcmpl-my-id",
    object: "chat.completion.chunk",
    created,
    model: "test/model",
  };
  const role = { index: 0, delta: { role: "assistant", content: "" } };
  const nothing = { logprobs: null, finish_reason: null };
  assert.deepEqual(events.slice(0, 3), [
    { ...head, choices: [{ ...role, ...nothing }], prompt_token_ids: null, prompt_text: null },
    { ...head, choices: [{ index: 0, delta: { content: "h" }, ...nothing, token_ids: null }] },
    {
      ...head,
      choices: [
        {
          index: 0,
          delta: { content: "" },
          logprobs: null,
          finish_reason: "stop",
          stop_reason: null,
          token_ids: null,
        },
      ],
    },
  ]);
  const usage = { prompt_tokens: 21, total_tokens: 23, completion_tokens: 2 };
  assert.deepEqual(Object.keys(events[3]!).toSorted(), [
    "choices",
    "created",
    "id",
    "model",
    "object",
    "system_fingerprint",
    "usage",
  ]);
  assert.partialDeepStrictEqual(events[3], { ...head, choices: [], usage });
});

test("ChatFormat shows the prompt as tokens and text on request", async (context) => {
  const { post } = await startTestServer(context, { script: saying("h") });
  const asked = { messages, return_token_ids: true, return_prompt_text: true };
  const body = (await (await post("/v1/chat/completions", asked)).json()) as Record<
    string,
    unknown
  >;
  assert.equal(body["prompt_text"], "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n");
  assert.equal((body["prompt_token_ids"] as number[]).length, 21);
  assert.partialDeepStrictEqual(body["choices"], [{ token_ids: [104, 260] }]);
});

test("ChatFormat continues the final message under its role", async (context) => {
  const { post, engine } = await startTestServer(context, { script: saying("h") });
  const body = {
    messages: [...messages, { role: "critic", content: "Well" }],
    add_generation_prompt: false,
    continue_final_message: true,
  };
  const answer = (await (await post("/v1/chat/completions", body)).json()) as Record<
    string,
    unknown
  >;
  assert.partialDeepStrictEqual(answer["choices"], [{ message: { role: "critic", content: "h" } }]);
  assert.deepEqual(engine.submitted[0]?.promptTokenIds.slice(-4), [...Buffer.from("Well")]);
});

test("ChatFormat counts tokens for each of n streamed answers", async (context) => {
  const { post } = await startTestServer(context, { script: saying("hey") });
  const stream_options = { include_usage: true, continuous_usage_stats: true };
  const body = { messages, n: 2, stream: true, stream_options };
  const events = await eventsOf(await post("/v1/chat/completions", body));
  const roles = events.filter((event) => "prompt_token_ids" in event);
  assert.equal(roles.length, 2);
  assert.ok(events.every((event) => "usage" in event));
  assert.partialDeepStrictEqual(events.at(-1), { usage: { completion_tokens: 8 } });
});
