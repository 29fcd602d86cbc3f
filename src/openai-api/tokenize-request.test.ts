import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDetokenizeRequest, parseTokenizeRequest } from "./tokenize-request.ts";

test("parseTokenizeRequest() adds special tokens to prompts but not to conversations", () => {
  assert.deepEqual(parseTokenizeRequest({ prompt: "a" }), {
    model: null,
    input: "a",
    addSpecialTokens: true,
    returnTokenStrings: false,
  });
  const chat = parseTokenizeRequest({ messages: [{ role: "user", content: "a" }] });
  assert.equal(chat.addSpecialTokens, false);
  assert.equal(typeof chat.input, "object");
});

test("parseTokenizeRequest() refuses what is neither", () => {
  for (const body of [{}, { prompt: 5 }, { prompt: ["a"] }, { messages: "a" }])
    assert.throws(() => parseTokenizeRequest(body), { status: 400 });
  const body = { messages: [{ role: "user", content: "a" }], chat_template: "x" };
  assert.throws(() => parseTokenizeRequest(body), { status: 400, message: /chat_template/ });
});

test("parseDetokenizeRequest() takes token ids only", () => {
  assert.deepEqual(parseDetokenizeRequest({ tokens: [0, 5] }), { model: null, tokens: [0, 5] });
  for (const tokens of [undefined, "5", [-1], [1.5], ["1"], [2 ** 32]])
    assert.throws(() => parseDetokenizeRequest({ tokens }), {
      status: 400,
      message: /body\.tokens/,
    });
});
