import assert from "node:assert/strict";
import { test } from "node:test";
import { loadTokenizer } from "../../tokenize/mod.ts";
import { tokenizerFixture } from "../test-support/start-test-server.ts";
import { chatLogprobs, CompletionLogprobsWriter } from "./logprobs.ts";

const names = { tokenizer: await loadTokenizer(tokenizerFixture), asIds: false };
const entry = (tokenId: number, logprob: number, rank = 1) => ({ tokenId, logprob, rank });
const sampled = { ...entry(98, -2, 3), top: [entry(97, -0.5), entry(256, -Infinity, 2)] };

test("CompletionLogprobsWriter names the chosen token beside the likeliest and bounds logprobs", () => {
  const writer = new CompletionLogprobsWriter(names);
  assert.deepEqual(writer.write([sampled]), {
    text_offset: [0],
    token_logprobs: [-2],
    tokens: ["b"],
    top_logprobs: [{ b: -2, a: -0.5, "\uFFFD": -9999 }],
  });
});

test("CompletionLogprobsWriter counts offsets on from delta to delta", () => {
  const writer = new CompletionLogprobsWriter(names);
  const token = (tokenId: number) => ({ ...entry(tokenId, -1), top: [] });
  assert.deepEqual(writer.write([token(258), token(97)]).text_offset, [0, 3]);
  assert.deepEqual(writer.write([token(97)]).text_offset, [4]);
});

test("chatLogprobs() gives the bytes of half characters and of tokens named by id", () => {
  const top = [
    { token: "a", logprob: -0.5, bytes: [97] },
    { token: "\uFFFD", logprob: -9999, bytes: [0xe4, 0xbd] },
  ];
  assert.deepEqual(chatLogprobs([sampled], names), {
    content: [{ token: "b", logprob: -2, bytes: [98], top_logprobs: top }],
  });
  const [content] = chatLogprobs([sampled], { ...names, asIds: true }).content;
  assert.equal(content?.token, "token_id:98");
  assert.equal(content?.top_logprobs[1]?.token, "token_id:256");
});
