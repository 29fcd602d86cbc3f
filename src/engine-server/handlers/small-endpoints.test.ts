import assert from "node:assert/strict";
import { test } from "node:test";
import { saying } from "../test-support/fake-engine.ts";
import { startTestServer } from "../test-support/start-test-server.ts";

test("/tokenize counts a prompt and a conversation and shows their tokens", async (context) => {
  const { post } = await startTestServer(context, { script: saying("") });
  const prompt = await post("/tokenize", { prompt: "ab", return_token_strs: true });
  assert.deepEqual(await prompt.json(), {
    count: 2,
    max_model_len: 256,
    tokens: [262, 257],
    token_strs: ["<|bos|>", "ab"],
  });
  const messages = [{ role: "user", content: "hi" }];
  const chat = await post("/tokenize", { messages, model: "alias" });
  assert.partialDeepStrictEqual(await chat.json(), { count: 21, token_strs: null });
});

test("/detokenize shows special tokens", async (context) => {
  const { post } = await startTestServer(context, { script: saying("") });
  const response = await post("/detokenize", { tokens: [259, 257, 0xe4] });
  assert.deepEqual(await response.json(), { prompt: "<|im_start|>ab\uFFFD" });
});

test("/v1/models has a card for each served name", async (context) => {
  const { server } = await startTestServer(context, { script: saying("") });
  const body = (await (await fetch(`${server.url}/v1/models?x=1`)).json()) as {
    data: Record<string, unknown>[];
  };
  assert.deepEqual(
    body.data.map((card) => card["id"]),
    ["test/model", "alias"],
  );
  assert.partialDeepStrictEqual(body.data[0], {
    object: "model",
    owned_by: "vllm",
    root: "/models/test",
    parent: null,
    max_model_len: 256,
    permission: [{ object: "model_permission", allow_logprobs: true, organization: "*" }],
  });
});

test("/health, /ping and /version answer as vLLM does", async (context) => {
  const { server } = await startTestServer(context, { script: saying("") });
  for (const [path, method] of [
    ["/health", "GET"],
    ["/ping", "GET"],
    ["/ping", "POST"],
  ] as const) {
    const response = await fetch(server.url + path, { method });
    assert.deepEqual([response.status, await response.text()], [200, ""]);
  }
  const version = (await (await fetch(`${server.url}/version`)).json()) as { version: string };
  assert.match(version.version, /^\d+\.\d+\.\d+/);
});

test("/load counts the requests being answered, and falls back to 0", async (context) => {
  const { server, post, engine } = await startTestServer(context, {
    script: saying("ab"),
    isManual: true,
  });
  const load = async (): Promise<unknown> => await (await fetch(`${server.url}/load`)).json();
  const answer = post("/v1/completions", { prompt: "a", stream: true });
  await answer;
  assert.deepEqual(await load(), { server_load: 1 });
  for (let step = 0; step < 3; step++) engine.step();
  await (await answer).text();
  assert.deepEqual(await load(), { server_load: 0 });
});

test("/metrics has vLLM's names and labels", async (context) => {
  const { server, post } = await startTestServer(context, { script: saying("abc") });
  await (await post("/v1/completions", { prompt: "a", n: 2, max_tokens: 2 })).text();
  const response = await fetch(`${server.url}/metrics`);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  const labels = 'model_name="test/model",engine="3"';
  for (const line of [
    `vllm:num_requests_running{${labels}} 0`,
    `vllm:generation_tokens_total{${labels}} 4`,
    `vllm:request_success_total{${labels},finished_reason="length"} 2`,
    `vllm:request_success_total{${labels},finished_reason="stop"} 0`,
    `vllm:time_to_first_token_seconds_count{${labels}} 2`,
    `vllm:inter_token_latency_seconds_count{${labels}} 2`,
    `vllm:e2e_request_latency_seconds_count{${labels}} 2`,
    `vllm:request_prompt_tokens_sum{${labels}} 4`,
    `vllm:request_params_n_bucket{${labels},le="2"} 1`,
    `vllm:cache_config_info{${labels},block_size="16",num_gpu_blocks="16",cache_dtype="float32"} 1`,
  ])
    assert.ok(text.includes(`${line}\n`), line);
});
