import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDerenderChatRequest, parseDerenderCompletionRequest } from "./derender-request.ts";
import { carriedTokensMax, derenderCandidatesMax } from "./limits.ts";

const generate_response = { request_id: "x", choices: [{ index: 0, token_ids: [1] }] };

test("parseDerenderChatRequest() tells streams from whole answers by their stream alone", () => {
  for (const stream of [undefined, null, false])
    assert.ok("generate_response" in parseDerenderChatRequest({ generate_response, stream }));
  const generate_chunk = generate_response;
  assert.ok("generate_chunk" in parseDerenderChatRequest({ generate_chunk, stream: true }));
  assert.throws(() => parseDerenderChatRequest({ generate_chunk }), { status: 400 });
  assert.throws(() => parseDerenderChatRequest({ generate_response, stream: true }), {
    status: 400,
  });
});

test("parseDerenderCompletionRequest() takes candidates and carried tokens up to their limits", () => {
  const parse = (candidates: number) => {
    const top_logprobs = Array.from({ length: candidates }, () => ({ token_id: 1, logprob: 0 }));
    const content = [{ token_id: 1, logprob: 0, top_logprobs }];
    const response = { request_id: "x", choices: [{ index: 0, logprobs: { content } }] };
    return parseDerenderCompletionRequest({ generate_responses: [response] });
  };
  parse(derenderCandidatesMax);
  assert.throws(() => parse(derenderCandidatesMax + 1), { status: 400 });
  const carry = (count: number) => {
    const output_token_ids = Array.from({ length: count }, () => 1);
    const rest = { prompt_token_ids: [], role_sent: true, text_offset: 0 };
    const stream_state = { ...rest, output_token_ids };
    const generate_chunk = generate_response;
    return parseDerenderCompletionRequest({ stream: true, generate_chunk, stream_state });
  };
  carry(carriedTokensMax);
  assert.throws(() => carry(carriedTokensMax + 1), { status: 400 });
});
