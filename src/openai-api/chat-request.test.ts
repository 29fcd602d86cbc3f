import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiError } from "./api-error.ts";
import { parseChatRequest } from "./chat-request.ts";
import { messagesMax } from "./limits.ts";

const server = { defaults: {}, limits: { promptsMax: 4, choicesMax: 8 } };
const user = { role: "user", content: "hi" };

function parse(body: Record<string, unknown> = {}): ReturnType<typeof parseChatRequest> {
  return parseChatRequest({ messages: [user], ...body }, server);
}

function errorOf(body: Record<string, unknown>): ApiError["body"]["error"] {
  try {
    parse(body);
  } catch (error) {
    return (error as ApiError).body.error;
  }
  throw new Error(`accepted ${JSON.stringify(body)}`);
}

test("parseChatRequest() leaves the length to the server and adds no special tokens", () => {
  const request = parse();
  assert.equal(request.maxTokens, null);
  assert.equal(request.addSpecialTokens, false);
  assert.deepEqual(request.conversation, {
    messages: [user],
    addGenerationPrompt: true,
    continueFinalMessage: false,
    templateKwargs: {},
  });
});

test("parseChatRequest() lets max_completion_tokens win over max_tokens", () => {
  const request = parse({ max_tokens: 5, max_completion_tokens: 7 });
  assert.equal(request.maxTokens, 7);
  assert.equal(request.maxTokensField, "max_completion_tokens");
  assert.equal(errorOf({ max_completion_tokens: 0 }).param, "max_completion_tokens");
});

test("parseChatRequest() keeps fields of messages for the template", () => {
  const message = { role: "tool", content: "x", tool_call_id: "1" };
  assert.deepEqual(parse({ messages: [message] }).conversation.messages, [message]);
});

test("parseChatRequest() passes tools and reasoning_effort to the template", () => {
  const { conversation } = parse({
    tools: [{ type: "function" }],
    tool_choice: "none",
    reasoning_effort: "low",
    chat_template_kwargs: { enable_thinking: false },
  });
  assert.deepEqual(conversation.tools, [{ type: "function" }]);
  assert.deepEqual(conversation.templateKwargs, {
    reasoning_effort: "low",
    enable_thinking: false,
  });
});

test("parseChatRequest() maps logprobs and top_logprobs", () => {
  assert.equal(parse({}).sampling.logprobs, null);
  assert.equal(parse({ logprobs: true }).sampling.logprobs, 0);
  assert.equal(parse({ logprobs: true, top_logprobs: 5 }).sampling.logprobs, 5);
  assert.equal(parse({ logprobs: true, top_logprobs: -1 }).sampling.logprobs, 20);
  for (const body of [{ top_logprobs: 5 }, { logprobs: true, top_logprobs: 21 }])
    assert.equal(errorOf(body).param, "top_logprobs");
});

test("parseChatRequest() refuses too many messages at its limit", () => {
  const messages = Array.from({ length: messagesMax }, () => user);
  assert.equal(parse({ messages }).conversation.messages.length, messagesMax);
  const error = errorOf({ messages: [...messages, user] });
  assert.equal(error.type, "Bad Request");
  assert.equal(error.param, "body.messages");
});

for (const messages of [
  undefined,
  "hi",
  [5],
  [{ content: "no role" }],
  [{ role: "user", content: 5 }],
])
  test(`parseChatRequest() refuses the messages ${JSON.stringify(messages)}`, () => {
    const error = errorOf({ messages });
    assert.equal(error.type, "Bad Request");
    assert.match(error.param ?? "", /^body\.messages/);
  });

for (const [param, body] of Object.entries({
  messages: { messages: [] },
  tools: { tools: [] },
  continue_final_message: { add_generation_prompt: true, continue_final_message: true },
}))
  test(`parseChatRequest() refuses contradictions in ${param}`, () => {
    const error = errorOf(body);
    assert.equal(error.type, "BadRequestError");
    assert.equal(error.param, param);
  });

for (const [field, value] of Object.entries({
  tool_choice: "auto",
  chat_template: "{{ messages }}",
  response_format: { type: "json_schema" },
  return_assistant_tokens_mask: true,
  use_beam_search: true,
}))
  test(`parseChatRequest() refuses ${field} instead of ignoring it`, () => {
    const error = errorOf({ [field]: value });
    assert.equal(error.param, field);
    assert.match(error.message, /is not supported by the embedded engine/);
  });

test("parseChatRequest() refuses tools that the model may call", () => {
  for (const choice of [{}, { tool_choice: "auto" }, { tool_choice: "required" }])
    assert.equal(errorOf({ tools: [{ type: "function" }], ...choice }).param, "tools");
});
