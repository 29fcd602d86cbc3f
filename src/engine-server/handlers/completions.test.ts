import assert from "node:assert/strict";
import { test } from "node:test";
import { saying, type Script } from "../test-support/fake-engine.ts";
import { eventsOf, startTestServer } from "../test-support/start-test-server.ts";
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
    logprobTokenIds: null,
    promptLogprobs: null,
    seed: null,
  });
});
