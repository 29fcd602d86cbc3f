import assert from "node:assert/strict";
import { test } from "node:test";
import { templateMessages, toolArgumentCharsMax } from "./chat-messages.ts";

test("templateMessages() joins text parts by line feeds", () => {
  const content = [
    { type: "text", text: "a" },
    { type: "text", text: "b" },
  ];
  assert.deepEqual(templateMessages([{ role: "user", content }]), [
    { role: "user", content: "a\nb" },
  ]);
});

test("templateMessages() refuses an image", () => {
  const content = [{ type: "image_url", image_url: { url: "data:" } }];
  assert.throws(() => templateMessages([{ role: "user", content }]), {
    code: "CHAT_NOT_RENDERED",
    message: /"image_url"/,
  });
});

test("templateMessages() gives reasoning both of its names", () => {
  const [message] = templateMessages([
    { role: "assistant", content: "b", reasoning_content: "because" },
  ]);
  assert.equal(message?.["reasoning"], "because");
  assert.equal(message?.["reasoning_content"], "because");
});

test("templateMessages() parses the arguments of tool calls and keeps absent content as null", () => {
  const call = (text: string) => [
    { role: "assistant", tool_calls: [{ id: "1", function: { name: "f", arguments: text } }] },
  ];
  assert.deepEqual(templateMessages(call('{"a":1}')), [
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "1", function: { name: "f", arguments: { a: 1 } } }],
    },
  ]);
  assert.throws(() => templateMessages(call("{a:")), { code: "CHAT_NOT_RENDERED" });
});

test("templateMessages() takes arguments of tool calls up to its limit, all together", () => {
  const half = JSON.stringify("x".repeat(toolArgumentCharsMax / 2 - 2));
  const call = { function: { name: "f", arguments: half } };
  const message = { role: "assistant", tool_calls: [call] };
  assert.equal(templateMessages([message, message]).length, 2);
  const more = { role: "assistant", tool_calls: [{ function: { name: "f", arguments: "1" } }] };
  assert.throws(() => templateMessages([message, message, more]), {
    code: "CHAT_NOT_RENDERED",
    message: /arguments of tool calls/,
  });
});
