import assert from "node:assert/strict";
import { test } from "node:test";
import { type GenerationRoute, planHandOff } from "./plan-hand-off.ts";

function plan(route: GenerationRoute, body: object | string) {
  return planHandOff(route, Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));
}

function json(parts: readonly Buffer[]): Record<string, unknown> {
  return JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
}

const nixlParams = {
  do_remote_decode: true,
  do_remote_prefill: false,
  remote_engine_id: null,
  remote_block_ids: null,
  remote_host: null,
  remote_port: null,
};

/** Fields that would break or end a prefill leg in another way than by its one token. */
const lengths = {
  max_tokens: 100,
  max_completion_tokens: 100,
  min_tokens: 5,
  min_completion_tokens: 5,
  stream: true,
  stream_options: { include_usage: true },
  stop: ["a"],
  stop_token_ids: [1],
  ignore_eos: false,
};

test("planHandOff() asks the prefill rank of a chat for one token and its blocks", () => {
  const messages = [{ role: "user", content: "h\u00e4" }];
  const body = { model: "m", messages, ...lengths, temperature: 0.5, tools: [] };
  assert.deepEqual(json(plan("chat", body).prefillBody()), {
    model: "m",
    messages,
    temperature: 0.5,
    tools: [],
    max_tokens: 1,
    max_completion_tokens: 1,
    stream: false,
    ignore_eos: true,
    kv_transfer_params: nixlParams,
  });
});

test("planHandOff() gives completions no field of chats", () => {
  assert.deepEqual(json(plan("completions", { prompt: [1, 2], ...lengths }).prefillBody()), {
    prompt: [1, 2],
    max_tokens: 1,
    stream: false,
    ignore_eos: true,
    kv_transfer_params: nixlParams,
  });
});

test("planHandOff() gives the decode rank the client's bytes and the parameters as they are", () => {
  const { decodeBody } = plan("chat", '{"n":1 ,"x": 1.50,"stream":true}');
  const params = Buffer.from('{"a" : 1e2}');
  const handed = Buffer.concat(decodeBody(params)).toString();
  assert.equal(handed, '{"n":1 ,"x": 1.50,"stream":true,"kv_transfer_params":{"a" : 1e2}}');
  assert.equal(Buffer.concat(decodeBody()).toString(), '{"n":1 ,"x": 1.50,"stream":true}');
});

test("planHandOff() takes out parameters of a client wherever vLLM looks for them", () => {
  const mine = '{"do_remote_prefill":true,"remote_host":"evil"}';
  const body = `{"kv_transfer_params":${mine},"a":1,"vllm_xargs":{"b":2,"kv_transfer_params":"evil"},"kv_transfer\\u005fparams":${mine}}`;
  const { decodeBody, prefillBody } = plan("chat", body);
  assert.deepEqual(json(decodeBody()), { a: 1, vllm_xargs: { b: 2 } });
  assert.deepEqual(json(prefillBody())["kv_transfer_params"], nixlParams);
  assert.ok(!Buffer.concat(prefillBody()).includes("evil"));
});

test("planHandOff() leaves other further arguments as they are", () => {
  const body = '{"vllm_xargs": {"b" :2}}';
  assert.equal(
    Buffer.concat(plan("chat", body).decodeBody()).toString(),
    '{"vllm_xargs": {"b" :2}}',
  );
});

for (const [what, route, body, wanted] of [
  ["one text", "completions", { prompt: "a" }, undefined],
  ["token ids", "completions", { prompt: [1, 2, 3] }, undefined],
  ["a list of one text", "completions", { prompt: ["a"] }, undefined],
  ["a list of one list", "completions", { prompt: [[1, 2]] }, undefined],
  ["no prompt", "completions", {}, undefined],
  ["an empty list", "completions", { prompt: [] }, undefined],
  ["several texts", "completions", { prompt: ["a", "b"] }, "many_prompts"],
  ["several lists", "completions", { prompt: [[1], [2]] }, "many_prompts"],
  ["embeddings", "completions", { prompt: null, prompt_embeds: "x" }, "many_prompts"],
  ["one choice", "chat", { n: 1, best_of: null }, undefined],
  ["several choices", "chat", { n: 2 }, "many_choices"],
  ["the best of several", "completions", { n: 1, best_of: 3 }, "many_choices"],
  ["a beam search", "chat", { use_beam_search: true }, "many_choices"],
  ["no beam search", "chat", { use_beam_search: false }, undefined],
  ["choices of no number", "chat", { n: "many, many of them" }, "many_choices"],
  ["prompt log probabilities", "chat", { prompt_logprobs: 0 }, "prompt_logprobs"],
  ["a prompt cut to fit", "completions", { truncate_prompt_tokens: -1 }, "cut_prompt"],
  ["a prompt cut to a length", "chat", { truncate_prompt_tokens: 5 }, undefined],
  ["an echo", "completions", { echo: true }, "prompt_logprobs"],
  ["an echo of a chat", "chat", { echo: true }, undefined],
] as const) {
  test(`planHandOff() ${wanted === undefined ? "hands over" : "leaves alone"} ${what}`, () => {
    assert.equal(plan(route, body).aloneBecause, wanted);
  });
}

test("planHandOff() counts the last of doubled fields, as readers do", () => {
  assert.equal(plan("chat", '{"n":1,"n":2}').aloneBecause, "many_choices");
  assert.equal(plan("chat", '{"n":2,"n":1}').aloneBecause, undefined);
});

test("planHandOff() refuses what is no JSON object", () => {
  for (const body of ["", "[]", "{", '{"a":1}x']) {
    assert.throws(() => plan("chat", body), { name: "JsonFault" });
  }
});
