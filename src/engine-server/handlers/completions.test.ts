import assert from "node:assert/strict";
import { test } from "node:test";
import { saying, type Script } from "../testing/fake-engine.ts";
import { eventsOf, startTestServer } from "../testing/start-test-server.ts";

interface Choice {
  readonly index: number;
  readonly text: string;
  readonly finish_reason: string | null;
  readonly stop_reason: unknown;
  readonly logprobs: Record<string, unknown[]> | null;
  readonly token_ids: number[] | null;
}

interface Body {
  readonly id: string;
  readonly choices: readonly Choice[];
  readonly usage: Record<string, unknown>;
}

async function bodyOf(response: Response): Promise<Body> {
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Body;
}

test("/v1/completions answers with every key that vLLM's full dump has", async (context) => {
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

test("/v1/completions streams the seven choice keys, then usage, then [DONE]", async (context) => {
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

test("/v1/completions puts the fingerprint on the finish chunk when no usage follows", async (context) => {
  const { post } = await startTestServer(context, { script: saying("") });
  const events = await eventsOf(await post("/v1/completions", { prompt: "a", stream: true }));
  assert.equal(events.length, 1);
  assert.match(String(events[0]?.["system_fingerprint"]), /^penstock-/);
  assert.equal("usage" in events[0]!, false);
});

test("/v1/completions answers text, token ids and lists of both", async (context) => {
  const { post } = await startTestServer(context, { script: (request) => request.promptTokenIds });
  for (const [prompt, texts] of [
    ["xy", ["xy"]],
    [[120, 121], ["xy"]],
    [
      ["x", "yz"],
      ["x", "yz"],
    ],
    [
      [[120], [121, 122]],
      ["x", "yz"],
    ],
  ]) {
    const body = { prompt, add_special_tokens: false };
    const { choices } = await bodyOf(await post("/v1/completions", body));
    assert.deepEqual(
      choices.map(({ index, text }) => [index, text]),
      (texts as string[]).map((text, index) => [index, text]),
    );
  }
});

test("/v1/completions numbers n answers of m prompts and seeds them apart", async (context) => {
  const { post, engine } = await startTestServer(context, { script: saying("a") });
  const body = { prompt: ["x", "y"], n: 3, seed: 7, add_special_tokens: false };
  const { choices, usage } = await bodyOf(await post("/v1/completions", body));
  assert.deepEqual(
    choices.map(({ index }) => index),
    [0, 1, 2, 3, 4, 5],
  );
  assert.deepEqual(
    engine.submitted.map(({ promptTokenIds, samplingParams }) => [
      promptTokenIds[0],
      samplingParams.seed,
    ]),
    [120, 120, 120, 121, 121, 121].map((token, index) => [token, 7 + (index % 3)]),
  );
  assert.equal(usage["prompt_tokens"], 2);
  assert.equal(usage["completion_tokens"], 12);
});

test("/v1/completions streams n answers whole and in order, each", async (context) => {
  const script: Script = ({ samplingParams }) => Buffer.from(`seed ${samplingParams.seed}`);
  const { post } = await startTestServer(context, { script });
  const body = { prompt: "x", n: 4, seed: 10, stream: true };
  const texts = ["", "", "", ""];
  for (const event of await eventsOf(await post("/v1/completions", body)))
    for (const { index, text } of event["choices"] as Choice[]) texts[index] += text;
  assert.deepEqual(texts, ["seed 10", "seed 11", "seed 12", "seed 13"]);
});

test("/v1/completions cuts at stop strings and aborts the rest in the engine", async (context) => {
  const endless = function* () {
    for (;;) yield* Buffer.from("tick STOP ");
  };
  const { post, engine } = await startTestServer(context, { script: endless });
  const body = { prompt: "a", max_tokens: 200, stop: ["k ST", "never"] };
  const { choices } = await bodyOf(await post("/v1/completions", body));
  assert.partialDeepStrictEqual(choices[0], {
    text: "tic",
    finish_reason: "stop",
    stop_reason: "k ST",
  });
  engine.step();
  assert.equal(engine.liveCount, 0);
});

test("/v1/completions ends at stop_token_ids with the id as the reason", async (context) => {
  const { post } = await startTestServer(context, { script: saying("abc") });
  const body = { prompt: "a", stop_token_ids: [98], return_token_ids: true };
  const { choices } = await bodyOf(await post("/v1/completions", body));
  assert.partialDeepStrictEqual(choices[0], {
    text: "a",
    stop_reason: 98,
    finish_reason: "stop",
    token_ids: [97, 98],
  });
});

test("/v1/completions names tokens by id on request", async (context) => {
  const { post } = await startTestServer(context, { script: saying("a") });
  const body = { prompt: "a", logprobs: 1, max_tokens: 1, return_tokens_as_token_ids: true };
  const { choices } = await bodyOf(await post("/v1/completions", body));
  assert.deepEqual(choices[0]?.logprobs?.["tokens"], ["token_id:97"]);
  assert.deepEqual(choices[0]?.logprobs?.["top_logprobs"], [{ "token_id:97": -0.5 }]);
  assert.equal(choices[0]?.finish_reason, "length");
});

test("/v1/completions hands the sampling parameters to the engine", async (context) => {
  const { post, engine } = await startTestServer(context, { script: saying("a") });
  const body = {
    prompt: "a",
    max_tokens: 9,
    min_tokens: 2,
    temperature: 0.5,
    top_p: 0.8,
    top_k: 5,
    min_p: 0.1,
    presence_penalty: 1,
    frequency_penalty: -1,
    repetition_penalty: 1.2,
    logit_bias: { "97": -5 },
    ignore_eos: true,
    stop_token_ids: [5],
    logprobs: 0,
  };
  await bodyOf(await post("/v1/completions", body));
  assert.deepEqual(engine.submitted[0]?.samplingParams, {
    maxTokens: 9,
    minTokens: 2,
    temperature: 0.5,
    topP: 0.8,
    topK: 5,
    minP: 0.1,
    presencePenalty: 1,
    frequencyPenalty: -1,
    repetitionPenalty: 1.2,
    logitBias: { 97: -5 },
    ignoreEos: true,
    stopTokenIds: [5],
    logprobs: 0,
    seed: null,
  });
});

test("/v1/completions cuts prompts to truncate_prompt_tokens", async (context) => {
  const { post, engine } = await startTestServer(context, { script: saying("a") });
  const prompt = Array.from({ length: 300 }, (_, index) => index % 256);
  for (const body of [
    { truncate_prompt_tokens: 3 },
    { truncate_prompt_tokens: 3, truncation_side: "right" },
    { truncate_prompt_tokens: -1 },
  ])
    await bodyOf(await post("/v1/completions", { prompt, ...body }));
  const [left, right, whole] = engine.submitted.map(({ promptTokenIds }) => promptTokenIds);
  assert.deepEqual(left, prompt.slice(-3));
  assert.deepEqual(right, prompt.slice(0, 3));
  assert.deepEqual(whole, prompt.slice(-240));
});

test("/v1/completions bounds the answer by max_new_tokens of the model", async (context) => {
  const model = { generationDefaults: { max_new_tokens: 5, temperature: 0.25 } };
  const { post, engine } = await startTestServer(context, { script: saying("a"), model });
  await bodyOf(await post("/v1/completions", { prompt: "a", max_tokens: 50 }));
  assert.partialDeepStrictEqual(engine.submitted[0]?.samplingParams, {
    maxTokens: 5,
    temperature: 0.25,
  });
});
