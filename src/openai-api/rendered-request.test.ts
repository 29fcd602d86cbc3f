import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCompletionRequest } from "./completion-request.ts";
import { parseGenerateRequest } from "./generate-request.ts";
import { renderedRequest } from "./rendered-request.ts";

const limits = { promptsMax: 1, choicesMax: 16 };

test("renderedRequest() says to generate what the request said", () => {
  const kv_transfer_params = { do_remote_decode: true };
  const body = {
    prompt: "a",
    n: 2,
    temperature: 0.5,
    top_k: 3,
    seed: 7,
    stop: "x",
    stop_token_ids: [4],
    logit_bias: { "5": 1 },
    logprobs: 2,
    prompt_logprobs: 1,
    min_tokens: 1,
    cache_salt: "s",
    kv_transfer_params,
  };
  const request = parseCompletionRequest(body, { defaults: {}, limits });
  const facts = { requestId: "cmpl-1", tokenIds: [9], maxTokens: 16 };
  const rendered = renderedRequest(request, { ...facts, kvTransferParams: kv_transfer_params });
  const again = parseGenerateRequest(JSON.parse(JSON.stringify(rendered)), limits);
  const { prompts, isEchoOnly, addSpecialTokens, ...same } = request;
  assert.partialDeepStrictEqual(again, {
    ...same,
    tokenIds: [9],
    maxTokens: 16,
    requestId: "cmpl-1",
    shape: "legacy",
  });
  assert.deepEqual([prompts, isEchoOnly, addSpecialTokens], [["a"], false, true]);
});

test("renderedRequest() brings stream_options along with streams only", () => {
  const facts = { requestId: "1", tokenIds: [9], maxTokens: 16, kvTransferParams: null };
  const render = (body: object) =>
    renderedRequest(
      parseCompletionRequest({ prompt: "a", ...body }, { defaults: {}, limits }),
      facts,
    );
  assert.equal(render({}).stream_options, null);
  const { stream, stream_options, sampling_params } = render({ stream: true });
  assert.deepEqual(
    [stream, stream_options, sampling_params.output_kind],
    [true, { include_usage: false, continuous_usage_stats: false }, 1],
  );
  assert.equal(sampling_params.extra_args, null);
});
