import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type {
  ChatResponse,
  CompletionResponse,
  GenerateResponse,
  RenderedRequest,
} from "../../openai-api/mod.ts";
import { assertRefused } from "../test-support/assert-answer.ts";
import {
  type ModelServer,
  promptOf,
  startModelServer,
} from "../test-support/start-model-server.ts";

let model: ModelServer;
before(async () => {
  model = await startModelServer();
});
after(() => model.server.close());

test("/v1/chat/completions/render gives what generate answers as the chat would be", async () => {
  const body = {
    messages: [{ role: "user", content: "Reverse: turbine" }],
    seed: 3,
    temperature: 1.5,
    return_token_ids: true,
  };
  const rendered = await model.ask<RenderedRequest>("/v1/chat/completions/render", body);
  assert.match(rendered.request_id, /^chatcmpl-[0-9a-f]{32}$/);
  assert.equal(rendered.sampling_params.max_tokens, 512 - rendered.token_ids.length);
  const generated = await model.ask<GenerateResponse>("/inference/v1/generate", rendered);
  const chat = await model.ask<ChatResponse>("/v1/chat/completions", body);
  assert.deepEqual(rendered.token_ids, chat.prompt_token_ids);
  assert.deepEqual(generated.choices[0]!.token_ids, chat.choices[0]!.token_ids);
  assert.equal(generated.request_id, `generate-tokens-${rendered.request_id}`);
});

test("/v1/completions/render gives one request for each prompt", async () => {
  const body = { prompt: ["dam", "tap"].map(promptOf), temperature: 0, return_token_ids: true };
  const rendered = await model.ask<RenderedRequest[]>("/v1/completions/render", body);
  assert.equal(rendered.length, 2);
  const { choices } = await model.ask<CompletionResponse>("/v1/completions", body);
  for (const [index, request] of rendered.entries()) {
    const generated = await model.ask<GenerateResponse>("/inference/v1/generate", request);
    assert.deepEqual(generated.choices[0]!.token_ids, choices[index]!.token_ids);
  }
});

test("/render refuses what the endpoint itself refuses", async () => {
  const chat = await model.post("/v1/chat/completions/render", { messages: [], model: "x" });
  await assertRefused(chat, 400, { param: "messages" });
  const unknown = await model.post("/v1/completions/render", { prompt: "a", model: "x" });
  await assertRefused(unknown, 404, { param: "model" });
});
