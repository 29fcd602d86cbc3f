/** The official client against the process tree of `npm start`. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startDeployment, type Deployment } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { readMetric } from "../support/metrics.ts";

const model = "penstock/reverse-moe";
let deployment: Deployment;

before(async () => {
  deployment = await startDeployment();
});
after(() => deployment?.stop());

function ask(content: string) {
  return { model, messages: [{ role: "user" as const, content }], temperature: 0 };
}

/** The chat prompt as plain text, as the bundled template renders it. */
function chatPrompt(content: string): string {
  return `<|im_start|>user\n${content}<|im_end|>\n<|im_start|>assistant\n`;
}

async function tokenize(prompt: string): Promise<number[]> {
  const response = await fetch(`${deployment.url}/tokenize`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, prompt, add_special_tokens: false }),
  });
  return ((await response.json()) as { tokens: number[] }).tokens;
}

test("chat completions answer right", async () => {
  const answer = await deployment.client.chat.completions.create(ask("Reverse: turbine"));
  assert.equal(answer.choices[0]?.message.content, "enibrut");
  assert.equal(answer.choices[0]?.finish_reason, "stop");
  assert.equal(answer.object, "chat.completion");
  assert.equal(answer.model, model);
  assert.equal(
    answer.usage?.total_tokens,
    answer.usage!.prompt_tokens + answer.usage!.completion_tokens,
  );
});

test("chat completions remember earlier turns", async () => {
  const answer = await deployment.client.chat.completions.create({
    model,
    temperature: 0,
    messages: [
      { role: "user", content: "Reverse: river" },
      { role: "assistant", content: "revir" },
      { role: "user", content: "Spell: gate" },
    ],
  });
  assert.equal(answer.choices[0]?.message.content, "g-a-t-e");
});

test("chat completions stream token by token, with usage at the end", async () => {
  const stream = await deployment.client.chat.completions.create({
    ...ask("Reverse: turbine"),
    stream: true,
    stream_options: { include_usage: true },
  });
  const deltas: string[] = [];
  let finishReason: string | null = null;
  let completionTokens = 0;
  for await (const chunk of stream) {
    const [choice] = chunk.choices;
    if (choice?.delta.content) deltas.push(choice.delta.content);
    finishReason = choice?.finish_reason ?? finishReason;
    completionTokens = chunk.usage?.completion_tokens ?? completionTokens;
  }
  assert.equal(deltas.join(""), "enibrut");
  assert.ok(deltas.length > 1, "more than one delta");
  assert.equal(finishReason, "stop");
  assert.ok(completionTokens >= 7);
});

test("completions take a text, a list of texts, token ids and lists of token ids", async () => {
  const words = ["turbine", "river"];
  const prompts = words.map((word) => chatPrompt(`Reverse: ${word}`));
  const ids = await Promise.all(prompts.map(tokenize));
  const answers = ["enibrut", "revir"];
  const cases: readonly [prompt: string | string[] | number[] | number[][], expected: string[]][] =
    [
      [prompts[0]!, [answers[0]!]],
      [prompts, answers],
      [ids[0]!, [answers[0]!]],
      [ids, answers],
    ];
  for (const [prompt, expected] of cases) {
    const completion = await deployment.client.completions.create({
      model,
      prompt,
      temperature: 0,
      max_tokens: 20,
    });
    assert.deepEqual(
      completion.choices.map((choice) => choice.text),
      expected,
    );
    assert.deepEqual(
      completion.choices.map((choice) => choice.index),
      expected.map((_, index) => index),
    );
  }
});

test("logprobs name the chosen token and the most likely ones", async () => {
  const answer = await deployment.client.chat.completions.create({
    ...ask("Copy: dam"),
    logprobs: true,
    top_logprobs: 3,
  });
  const content = answer.choices[0]?.logprobs?.content ?? [];
  assert.equal(
    content
      .slice(0, 3)
      .map(({ token }) => token)
      .join(""),
    "dam",
  );
  for (const { logprob, token, top_logprobs: top } of content) {
    assert.ok(logprob <= 0);
    assert.equal(top.length, 3);
    assert.equal(top[0]?.token, token, "greedy takes the most likely token");
    assert.deepEqual(
      top,
      top.toSorted((left, right) => right.logprob - left.logprob),
    );
  }
  const completion = await deployment.client.completions.create({
    model,
    prompt: chatPrompt("Copy: dam"),
    temperature: 0,
    max_tokens: 3,
    logprobs: 2,
  });
  assert.equal(completion.choices[0]?.logprobs?.tokens?.length, 3);
  assert.equal(completion.choices[0]?.logprobs?.token_logprobs?.length, 3);
});

test("n = 3 gives three choices, streamed or not", async () => {
  const answer = await deployment.client.chat.completions.create({
    ...ask("Reverse: turbine"),
    n: 3,
  });
  assert.deepEqual(
    answer.choices.map((choice) => choice.message.content),
    ["enibrut", "enibrut", "enibrut"],
  );
  const texts = ["", "", ""];
  const stream = await deployment.client.chat.completions.create({
    ...ask("Reverse: turbine"),
    n: 3,
    stream: true,
  });
  for await (const chunk of stream)
    for (const choice of chunk.choices) texts[choice.index] += choice.delta.content ?? "";
  assert.deepEqual(texts, ["enibrut", "enibrut", "enibrut"]);
});

test("stop strings end the answer before them, streamed or not", async () => {
  const request = { ...ask("Spell: turbine"), stop: ["r-b"] };
  const answer = await deployment.client.chat.completions.create(request);
  assert.equal(answer.choices[0]?.message.content, "t-u-");
  assert.equal(answer.choices[0]?.finish_reason, "stop");
  assert.equal((answer.choices[0] as { stop_reason?: unknown }).stop_reason, "r-b");
  let text = "";
  for await (const chunk of await deployment.client.chat.completions.create({
    ...request,
    stream: true,
  }))
    text += chunk.choices[0]?.delta.content ?? "";
  assert.equal(text, "t-u-");
});

test("the same seed gives the same sample, another seed another one", async () => {
  const sample = async (seed: number) => {
    const request = { model, prompt: "once", max_tokens: 40, temperature: 2, seed };
    return (await deployment.client.completions.create(request)).choices[0]?.text;
  };
  const first = await sample(7);
  assert.equal(await sample(7), first);
  assert.notEqual(await sample(8), first);
});

test("a client that goes away in mid-stream frees its slot, on the rank and in the router", async () => {
  const stream = await deployment.client.chat.completions.create({
    ...ask("Reverse: turbine"),
    stream: true,
    max_tokens: 3_000,
    ...({ ignore_eos: true } as object),
  });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
  stream.controller.abort();
  await eventually(
    "the rank to be idle",
    async () =>
      (await readMetric(deployment.rankUrls[0]!, "vllm:num_requests_running")) === 0 || undefined,
  );
  await eventually(
    "the router to hold no lease",
    async () =>
      (await readMetric(deployment.url, "penstock_router_requests_in_flight")) === 0 || undefined,
  );
  const again = await deployment.client.chat.completions.create(ask("Reverse: turbine"));
  assert.equal(again.choices[0]?.message.content, "enibrut");
});

test("models, token ids and detokenize agree", async () => {
  const models = await deployment.client.models.list();
  assert.deepEqual(
    models.data.map(({ id }) => id),
    [model],
  );
  const tokens = await tokenize("Grüße, 東京 🚰");
  const response = await fetch(`${deployment.url}/detokenize`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, tokens }),
  });
  assert.deepEqual(await response.json(), { prompt: "Grüße, 東京 🚰" });
});
