import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { ChatChunk, CompletionChunk, RenderedRequest } from "../../openai-api/mod.ts";
import { type ModelServer, startModelServer } from "../test-support/start-model-server.ts";
import { eventsOf } from "../test-support/start-test-server.ts";
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

test("/v1/chat/completions/derender follows a stream, chunk by chunk", async () => {
  const rendered = await model.ask<RenderedRequest>(`${chatPath}/render`, {
    ...chatBody,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await eventsOf(await model.post("/inference/v1/generate", rendered));
  let stream_state: unknown = null;
  const derendered: ChatChunk[] = [];
  for (const generate_chunk of chunks) {
    const request = { stream: true, generate_chunk, stream_state, prompt_tokens: 21 };
    const answer = await model.ask<{ chunk: ChatChunk; stream_state: unknown }>(
      `${chatPath}/derender`,
      request,
    );
    derendered.push(answer.chunk);
    ({ stream_state } = answer);
  }
  const choices = derendered.flatMap((chunk) => chunk.choices);
  assert.equal(choices.map(({ delta }) => delta.content).join(""), "enibrut");
  assert.equal(choices[0]!.delta.role, "assistant");
  assert(choices.slice(1).every(({ delta }) => !("role" in delta)));
  assert.equal(choices.at(-1)!.finish_reason, "stop");
  assert.equal(choices.flatMap(({ logprobs }) => logprobs!.content).length, 8);
  const { usage, object } = derendered.at(-1)!;
  assert.deepEqual(
    [usage!.prompt_tokens, usage!.completion_tokens, object],
    [21, 8, "chat.completion.chunk"],
  );
});

test("/v1/completions/derender counts text offsets on from chunk to chunk", async () => {
  const chunkOf = (id: number) => ({
    request_id: "x",
    choices: [
      { index: 0, token_ids: [id], logprobs: { content: [{ token_id: id, logprob: -1 }] } },
    ],
  });
  const { tokens } = await model.ask<{ tokens: number[] }>("/tokenize", { prompt: "ab" });
  let stream_state: unknown = null;
  const offsets: number[] = [];
  for (const id of tokens.slice(-2)) {
    const answer = await model.ask<{ chunk: CompletionChunk; stream_state: unknown }>(
      "/v1/completions/derender",
      { stream: true, generate_chunk: chunkOf(id), stream_state },
    );
    ({ stream_state } = answer);
    offsets.push(...answer.chunk.choices[0]!.logprobs!.text_offset);
  }
  assert.deepEqual(offsets, [0, 1]);
});
