import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type {
  ChatResponse,
  CompletionResponse,
  GenerateResponse,
  RenderedRequest,
} from "../../openai-api/mod.ts";
import {
  type ModelServer,
  promptOf,
  startModelServer,
} from "../test-support/start-model-server.ts";
const chatPath = "/v1/chat/completions";
let model: ModelServer;
before(async () => {
  model = await startModelServer();
});
after(() => model.server.close());

const chatBody = {
  messages: [{ role: "user", content: "Reverse: turbine" }],
  temperature: 0,
  logprobs: true,
  top_logprobs: 2,
};

test("/v1/chat/completions/derender makes of a rendered and generated chat what the chat is", async () => {
  const chat_request = chatBody;
  const rendered = await model.ask<RenderedRequest>(`${chatPath}/render`, chatBody);
  const chat = await model.ask<ChatResponse>(chatPath, chatBody);
  for (const mode of [{}, { output_mode: "tokens" }]) {
    const generate_response = await model.ask<GenerateResponse>("/inference/v1/generate", {
      ...rendered,
      ...mode,
    });
    const derendered = await model.ask<ChatResponse>(`${chatPath}/derender`, {
      generate_response,
      chat_request,
      prompt_tokens: rendered.token_ids.length,
      prompt_token_ids: rendered.token_ids,
    });
    const { id, created, system_fingerprint, usage, ...rest } = derendered;
    assert.deepEqual(Object.keys(derendered), Object.keys(chat));
    assert.partialDeepStrictEqual(chat, rest);
    assert.deepEqual([id, system_fingerprint], [generate_response.request_id, null]);
    assert.ok(Math.abs(created - Date.now() / 1000) < 60);
    assert.equal(usage.total_tokens, chat.usage.total_tokens);
  }
});

test("/v1/completions/derender puts the answers to several prompts together", async () => {
  const body = { prompt: ["dam", "tap"].map(promptOf), temperature: 0, n: 2, logprobs: 1 };
  const rendered = await model.ask<RenderedRequest[]>("/v1/completions/render", body);
  const generate_responses = await Promise.all(
    rendered.map((request) => model.ask<GenerateResponse>("/inference/v1/generate", request)),
  );
  const derendered = await model.ask<CompletionResponse>("/v1/completions/derender", {
    generate_responses,
    prompt_tokens: rendered.map(({ token_ids }) => token_ids.length),
    prompt_token_ids: rendered.map(({ token_ids }) => token_ids),
  });
  const completion = await model.ask<CompletionResponse>("/v1/completions", body);
  // Of the generated shape of old, one candidate stands beside each place, the chosen one.
  const withoutTop = ({ choices }: CompletionResponse) =>
    choices.map(({ logprobs, ...choice }) => [choice, logprobs!.tokens, logprobs!.text_offset]);
  assert.deepEqual(withoutTop(derendered), withoutTop(completion));
  assert.equal(derendered.usage.prompt_tokens, completion.usage.prompt_tokens);
});
