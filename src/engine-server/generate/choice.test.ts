import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineOutput } from "../../engine/mod.ts";
import { parseCompletionRequest } from "../../openai-api/mod.ts";
import { loadTokenizer } from "../../tokenize/mod.ts";
import { tokenizerFixture } from "../test-support/start-test-server.ts";
import { Choice } from "./choice.ts";
import { StopStrings } from "./stop-strings.ts";

const tokenizer = await loadTokenizer(tokenizerFixture);
const eos = 260;

function makeChoice(body: Record<string, unknown> = {}): Choice {
  const server = { defaults: {}, limits: { promptsMax: 1, choicesMax: 1 } };
  const request = parseCompletionRequest({ prompt: "a", ...body }, server);
  const stops = new StopStrings(request.stopStrings);
  const eosTokenIds = new Set([eos]);
  return new Choice({ index: 0, promptTokenIds: [1], request, stops, eosTokenIds }, tokenizer);
}

function output(tokenIds: readonly number[], end: Partial<EngineOutput> = {}): EngineOutput {
  const rest = { logprobs: null, finishReason: null, stopReason: null };
  return { requestId: "1", tokenIds, ...rest, ...end };
}

const bytes = (text: string): number[] => [...Buffer.from(text)];
const stopped = { finishReason: "stop" } as const;

test("Choice merges what nobody took and gives nothing twice", () => {
  const choice = makeChoice();
  assert.equal(choice.take(), undefined);
  choice.push(output(bytes("a")));
  choice.push(output(bytes("b")));
  assert.deepEqual(choice.take(), {
    text: "ab",
    tokenIds: bytes("ab"),
    logprobs: null,
    finish: null,
  });
  assert.equal(choice.take(), undefined);
});

test("Choice counts the end-of-sequence token but shows no text for it", () => {
  const choice = makeChoice({ skip_special_tokens: false });
  choice.push(output([...bytes("a"), eos], stopped));
  const delta = choice.take();
  assert.equal(delta?.text, "a");
  assert.deepEqual(delta?.tokenIds, [...bytes("a"), eos]);
  assert.deepEqual(delta?.finish, { reason: "stop", stopReason: null });
  assert.equal(choice.completionTokenCount, 2);
});

test("Choice shows the token that stopped it when stops belong to the output", () => {
  const body = { stop_token_ids: [98], include_stop_str_in_output: true };
  const choice = makeChoice(body);
  choice.push(output(bytes("ab"), { ...stopped, stopReason: 98 }));
  assert.equal(choice.take()?.text, "ab");
  const silent = makeChoice({ stop_token_ids: [98] });
  silent.push(output(bytes("ab"), { ...stopped, stopReason: 98 }));
  assert.deepEqual(silent.take()?.finish, { reason: "stop", stopReason: 98 });
});

test("Choice finishes at a stop string and ignores the tokens after it", () => {
  const choice = makeChoice({ stop: "STOP" });
  choice.push(output(bytes("one STOP two")));
  assert.equal(choice.isFinished, true);
  assert.deepEqual(choice.take(), {
    text: "one ",
    tokenIds: bytes("one STOP"),
    logprobs: null,
    finish: { reason: "stop", stopReason: "STOP" },
  });
  choice.push(output(bytes("three")));
  assert.equal(choice.take(), undefined);
});

test("Choice stops at no stop string before min_tokens", () => {
  const choice = makeChoice({ stop: "b", min_tokens: 2 });
  for (const byte of bytes("abab")) choice.push(output([byte]));
  assert.equal(choice.take()?.text, "aba");
});

test("Choice gives held text out at the end: half a stop string and half a character", () => {
  const choice = makeChoice({ stop: "STOP" });
  choice.push(output([...bytes("x ST"), 0xe4], { finishReason: "length" }));
  assert.deepEqual(choice.take()?.text, "x ST\uFFFD");
  const matching = makeChoice({ stop: "\uFFFD" });
  matching.push(output([...bytes("x"), 0xe4], { finishReason: "length" }));
  assert.deepEqual(matching.take()?.finish, { reason: "stop", stopReason: "\uFFFD" });
});

test("Choice passes an abort by the engine on", () => {
  const choice = makeChoice();
  choice.push(output([], { finishReason: "abort" }));
  assert.deepEqual(choice.take()?.finish, { reason: "abort", stopReason: null });
});
