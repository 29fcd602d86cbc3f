import assert from "node:assert/strict";
import { test } from "node:test";
import { isRankFault } from "./rank-fault.ts";

const engineDead =
  '{"error":{"message":"EngineCore died","type":"InternalServerError","code":500}}';

test("isRankFault() takes statuses of servers that are not well, and no other one", () => {
  for (const status of [500, 502, 503, 504]) assert.equal(isRankFault(status, engineDead), true);
  for (const status of [200, 204, 301, 400, 404, 408, 429, 499, 501, 505]) {
    assert.equal(isRankFault(status, engineDead), false, String(status));
  }
  assert.equal(isRankFault(500, ""), true);
});

test("isRankFault() knows a client's fault that is answered with 500", () => {
  for (const message of [
    "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
    "The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller",
    "The prompt is too long",
    "Input length 9 is longer than 8",
  ]) {
    const body = JSON.stringify({ error: { message, type: "InternalServerError", code: 500 } });
    assert.equal(isRankFault(500, body), false, message);
  }
  const typed = '{"error":{"message":"n must be 1","type":"BadRequestError","code":400}}';
  assert.equal(isRankFault(500, typed), false);
});

test("isRankFault() takes other words about length and prompts for the rank's fault", () => {
  assert.equal(isRankFault(500, '{"message":"KV transfer took longer than 480 s"}'), true);
  assert.equal(isRankFault(500, '{"prompt":"x","message":"waited for too long"}'), true);
});
