import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../choose/seeded-random.ts";
import type { Usage } from "./read-usage.ts";
import { UsageReader } from "./usage-reader.ts";

const lie = '"usage":{"prompt_tokens":666,"completion_tokens":666,"total_tokens":1332}';
const counts = { prompt_tokens: 12, completion_tokens: 34, total_tokens: 46 };
const known: Usage = { promptTokens: 12, completionTokens: 34, cachedTokens: -1 };

/** What is read of a body that comes in pieces of at most this size. */
function read(body: string, options: { isStream: boolean; isWhole?: boolean; sizeMax?: number }) {
  const { isStream, isWhole = true, sizeMax = 64 } = options;
  const random = seededRandom(body.length);
  const bytes = Buffer.from(body);
  const reader = new UsageReader(isStream);
  for (let start = 0; start < bytes.length;) {
    const end = Math.min(bytes.length, start + 1 + (random() % sizeMax));
    reader.take(bytes, start, end);
    start = end;
  }
  return reader.finish(isWhole);
}

const ofJson = (value: unknown, isWhole = true) =>
  read(JSON.stringify(value), { isStream: false, isWhole });
const ofEvents = (...events: unknown[]) =>
  read(events.map(eventText).join(""), { isStream: true, isWhole: false });

function eventText(event: unknown): string {
  return `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`;
}

/** As vLLM answers a completion. */
function answer(text: string, usage: unknown) {
  const choices = [{ index: 0, text, logprobs: null, finish_reason: "stop" }];
  return {
    id: "cmpl-1",
    object: "text_completion",
    choices,
    service_tier: null,
    usage,
    kv_transfer_params: null,
  };
}

test("UsageReader reads the usage at the end of a body of any length", () => {
  for (const length of [0, 10, 4_000, 5_000, 100_000]) {
    assert.deepEqual(ofJson(answer("a".repeat(length), counts)), known);
  }
  const details = { prompt_tokens_details: { cached_tokens: 8 } };
  assert.equal(ofJson(answer("", { ...counts, ...details }))?.cachedTokens, 8);
  const embeddings = { object: "list", data: [], usage: { prompt_tokens: 3, total_tokens: 3 } };
  assert.deepEqual(ofJson(embeddings), { promptTokens: 3, completionTokens: -1, cachedTokens: -1 });
});

test("UsageReader believes no text of a model", () => {
  for (const text of [lie, `{${lie}}`, `\\${lie}`, `"}],${lie}}`, `\n\ndata: {${lie}}\n\n`]) {
    assert.equal(ofJson({ ...answer(text, null), usage: undefined }), undefined);
    assert.equal(ofJson({ usage: undefined, choices: [], prompt_text: text }), undefined);
    assert.deepEqual(ofJson({ ...answer(text, counts), prompt_text: text }), known);
    assert.deepEqual(ofEvents(answer(text, null), answer(text, counts), "[DONE]"), known);
    assert.equal(ofEvents(answer(text, null), "[DONE]"), undefined);
    assert.equal(ofEvents({ choices: [{ delta: { usage: counts, content: text } }] }), undefined);
  }
});

test("UsageReader knows nothing of a body that broke off or is no object with counts", () => {
  const text = JSON.stringify(answer("", counts));
  assert.equal(ofJson(answer("", counts), false), undefined);
  for (let length = 0; length < text.length; length++) {
    assert.equal(
      read(text.slice(0, length), { isStream: false }),
      undefined,
      text.slice(0, length),
    );
  }
  for (const usage of [null, 1, "x", [], {}, { prompt_tokens: -1 }, { prompt_tokens: "1" }]) {
    assert.equal(ofJson(answer("", usage)), undefined, JSON.stringify(usage));
  }
  for (const prompt_tokens of [1.5, 1e300, null]) {
    assert.equal(ofJson(answer("", { prompt_tokens })), undefined);
  }
  assert.equal(ofJson([answer("", counts)]), undefined);
  assert.equal(read("", { isStream: false }), undefined);
});

test("UsageReader gives up where the usage is too far from the end", () => {
  const prompt_token_ids = Array.from({ length: 2_000 }, (_, index) => index);
  assert.equal(ofJson({ ...answer("", counts), prompt_token_ids }), undefined);
  const event = { ...answer("", counts), prompt_token_ids };
  assert.equal(ofEvents(answer("", counts), event, "[DONE]"), undefined);
});

test("UsageReader reads the last event of a stream that says its usage, also where it breaks off", () => {
  const token = { choices: [{ index: 0, text: "a" }] };
  const tokens = Array.from({ length: 300 }, () => token);
  const last = { choices: [], usage: counts };
  assert.deepEqual(ofEvents(...tokens, last, "[DONE]"), known);
  assert.equal(ofEvents(...tokens, "[DONE]"), undefined);
  const early = { ...token, usage: { prompt_tokens: 12, completion_tokens: 1 } };
  assert.equal(ofEvents(...tokens, early)?.completionTokens, 1);
  assert.equal(
    ofEvents(early, { ...token, usage: counts }, '{"choices":[],"usa')?.completionTokens,
    34,
  );
  assert.deepEqual(ofEvents(last, { error: { message: lie } }, "[DONE]"), known);
  const crlf = `: ping\r\n\r\ndata:${JSON.stringify(last)}\r\n\r\ndata: [DONE]\r\n\r\n`;
  assert.deepEqual(read(crlf, { isStream: true }), known);
});

test("UsageReader reads no unfinished line, no comment and no other field", () => {
  const last = JSON.stringify({ choices: [], usage: counts });
  for (const text of [
    `\ndata: ${last}`,
    `\n: ${last}\n\n`,
    `\nevent: ${last}\n`,
    `\nxdata: ${last}\n`,
  ]) {
    assert.equal(read(text, { isStream: true }), undefined, text);
  }
  const inner = `\ndata: {"choices":[{"a":1,\ndata: ${last.slice(1)}\ndata: ]}\n\n`;
  assert.equal(read(inner, { isStream: true }), undefined);
});

test("UsageReader says of seeded answers in any pieces what JSON.parse() says", () => {
  const random = seededRandom(3);
  const bits = [lie, '"', "\\", "}", "]", "\n", "data: ", "é", "usage", "[DONE]", "a".repeat(700)];
  for (let round = 0; round < 3_000; round++) {
    const text = Array.from({ length: random() % 9 }, () => bits[random() % bits.length]!).join("");
    const usage = random() % 3 === 0 ? null : { ...counts, prompt_tokens: random() % 1_000 };
    const value = { ...answer(text, usage), metrics: random() % 2 === 0 ? null : { note: text } };
    const expected = usage?.prompt_tokens;
    const sizeMax = 1 + (random() % 300);
    const json = read(JSON.stringify(value), { isStream: false, sizeMax });
    const isNear = text.length < 600;
    if (isNear || json !== undefined) assert.equal(json?.promptTokens, expected, text);
    const events = [value, ...(random() % 2 === 0 ? ["[DONE]"] : [])].map(eventText).join("");
    const stream = read(`: ping\n\n${events}`, { isStream: true, sizeMax });
    if (isNear || stream !== undefined) assert.equal(stream?.promptTokens, expected, text);
  }
});
