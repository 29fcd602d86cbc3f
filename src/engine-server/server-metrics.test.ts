import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerMetrics, tokenBuckets } from "./server-metrics.ts";
import { FakeEngine, saying } from "./test-support/fake-engine.ts";

test("tokenBuckets() go 1, 2, 5, 10 up to the longest sequence", () => {
  assert.deepEqual(tokenBuckets(100), [1, 2, 5, 10, 20, 50, 100]);
  assert.deepEqual(tokenBuckets(1), [1]);
});

test("RequestTimes measures first token, gaps, decode and end in seconds", () => {
  const engine = new FakeEngine({ script: saying("") });
  let nowMs = 0;
  const options = { modelName: "m", rank: 0, model: engine.model, now: () => nowMs };
  const metrics = new ServerMetrics(options);
  const times = metrics.beginRequest(10, 50);
  for (nowMs of [2_000, 2_500, 3_500]) times.tokens(1);
  nowMs = 4_000;
  times.end("stop");
  times.end("abort");
  times.tokens(1);
  const text = metrics.expose(engine.stats());
  const sumOf = (name: string) =>
    Number(new RegExp(`vllm:${name}_sum\\{.*\\} (.*)`).exec(text)?.[1]);
  assert.equal(sumOf("time_to_first_token_seconds"), 2);
  assert.equal(sumOf("inter_token_latency_seconds"), 1.5);
  assert.equal(sumOf("request_decode_time_seconds"), 1.5);
  assert.equal(sumOf("request_time_per_output_token_seconds"), 0.75);
  assert.equal(sumOf("e2e_request_latency_seconds"), 4);
  assert.equal(sumOf("request_generation_tokens"), 3);
  assert.match(text, /finished_reason="stop"\} 1\n/);
  assert.match(text, /finished_reason="abort"\} 0\n/);
});
