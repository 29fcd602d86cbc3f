import assert from "node:assert/strict";
import { test } from "node:test";
import { usageOfEvents, usageOfJson } from "./read-usage.ts";

const known = { promptTokens: 1, completionTokens: 2, cachedTokens: 1 };
const usage =
  '{"prompt_tokens":1,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":1}}';

test("usageOfJson() reads the usage of an object whose beginning is not there", () => {
  assert.deepEqual(usageOfJson(Buffer.from(`"index":0}],"usage":${usage},"metrics":null}`)), known);
  assert.equal(usageOfJson(Buffer.from(`"text":"\\"usage\\":${usage}"}`)), undefined);
});

test("usageOfEvents() believes the first line only where nothing was before it", () => {
  const lines = Buffer.from(`data: {"usage":${usage}}\n\ndata: [DONE]\n\n`);
  assert.deepEqual(usageOfEvents(lines, true), known);
  assert.equal(usageOfEvents(lines, false), undefined);
  assert.deepEqual(usageOfEvents(Buffer.concat([Buffer.from("\n"), lines]), false), known);
});

test("usageOfEvents() looks back no further than a few events", () => {
  const said = `\ndata: {"usage":${usage}}\n\n`;
  const silent = "data: {}\n\n";
  assert.deepEqual(usageOfEvents(Buffer.from(said + silent.repeat(3)), false), known);
  assert.equal(usageOfEvents(Buffer.from(said + silent.repeat(4)), false), undefined);
});
