import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGenerateRequest } from "./generate-request.ts";

const limits = { promptsMax: 1, choicesMax: 16 };
const parse = (body: Record<string, unknown>) =>
  parseGenerateRequest({ token_ids: [1], sampling_params: {}, ...body }, limits);

test("parseGenerateRequest() takes the shape of the answer from what a client knows to ask for", () => {
  assert.equal(parse({}).shape, "legacy");
  assert.equal(parse({ return_token_ids: true }).shape, "tokens");
  assert.equal(parse({ output_mode: "tokens" }).shape, "tokens");
  assert.equal(parse({ output_mode: "text" }).shape, "text");
});

test("parseGenerateRequest() leaves max_tokens to the context unless it is given", () => {
  assert.equal(parse({}).maxTokens, null);
  assert.equal(parse({ sampling_params: { max_tokens: 16 } }).maxTokens, 16);
});

test("parseGenerateRequest() finds kv_transfer_params in both places", () => {
  const kv_transfer_params = { do_remote_decode: true };
  assert.deepEqual(parse({ kv_transfer_params }).kvTransfer, { kind: "remote-decode" });
  const sampling_params = { extra_args: { kv_transfer_params, other: 1 } };
  assert.deepEqual(parse({ sampling_params }).kvTransfer, { kind: "remote-decode" });
});

test("parseGenerateRequest() takes nothing of other endpoints from sampling_params", () => {
  const { stream, echo, truncation, model } = parse({
    sampling_params: { stream: true, echo: true, truncate_prompt_tokens: 1, model: "x" },
  });
  assert.deepEqual([stream, echo, truncation, model], [false, false, null, null]);
});
