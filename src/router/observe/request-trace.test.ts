import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../test-support/manual-clock.ts";
import { answerOf, noSources, rankOf } from "../test-support/traced-requests.ts";
import { Observer } from "./observer.ts";
import type { RequestTrace } from "./request-trace.ts";
import { RouterMetrics } from "./router-metrics.ts";

const ranks = [0, 1, 7, 8, 9].map((index) => rankOf({ index }));

function begin(path = "/v1/completions") {
  const clock = new ManualClock();
  clock.pass(5_000);
  const metrics = new RouterMetrics({ ...noSources, ranks: () => ranks });
  const observer = new Observer({ clock, metrics });
  const trace = observer.begin({ requestId: "r", clientAddress: "::1", method: "POST", path });
  /** The samples of this metric that are not 0, without the prefix. */
  const counted = (name: string) => {
    const lines = metrics.expose().split("\n");
    const samples = lines.filter((line) => line.startsWith(`penstock_router_${name}`));
    return samples
      .filter((line) => !line.endsWith(" 0"))
      .map((line) => line.slice(16 + name.length));
  };
  return { clock, metrics, trace, counted };
}

/** A read of an answer whose body is this, all of it content. */
function pass(trace: RequestTrace, text: string): void {
  const chunk = Buffer.from(`#${text}#`);
  trace.readContent(chunk, 1, 1 + Buffer.byteLength(text));
  trace.passOn(Math.max(0, trace.sentByteCount) + chunk.length);
}

test("RequestTrace counts an answer by route and status, with its times, bytes and tokens", () => {
  const { clock, trace, counted } = begin("/v1/chat/completions");
  trace.receive(70);
  trace.receive(30);
  trace.ask(9);
  clock.pass(250);
  assert.equal(trace.beginAnswer(answerOf("application/json"), false), true);
  const usage = {
    prompt_tokens: 3,
    completion_tokens: 5,
    prompt_tokens_details: { cached_tokens: 2 },
  };
  pass(trace, JSON.stringify({ choices: [], usage }));
  clock.pass(750);
  trace.complete();
  assert.deepEqual(counted("requests_total"), ['{route="/v1/chat/completions",status="2xx"} 1']);
  assert.deepEqual(counted("request_duration_seconds_sum"), ['{route="/v1/chat/completions"} 1']);
  assert.deepEqual(counted("first_byte_seconds_sum"), ['{route="/v1/chat/completions"} 0.25']);
  assert.deepEqual(counted("received_bytes_total"), [" 100"]);
  assert.deepEqual(counted("sent_bytes_total"), [` ${trace.sentByteCount}`]);
  assert.deepEqual(counted("prompt_tokens_total"), [" 3"]);
  assert.deepEqual(counted("completion_tokens_total"), [" 5"]);
  assert.deepEqual(counted("cached_tokens_total"), [" 2"]);
  assert.deepEqual(counted("rank_requests_total"), ['{rank="9"} 1']);
  assert.deepEqual(counted("chunk_gap_seconds_count"), []);
  const { beganAtMs, endedAtMs, firstByteMs, rank, tries, outcome } = trace;
  assert.deepEqual([beganAtMs, endedAtMs, firstByteMs], [5_000, 6_000, 250]);
  assert.deepEqual([rank, tries, outcome], [9, 1, "done"]);
});

test("RequestTrace takes the first data of a stream for its first byte, and observes the gaps behind it", () => {
  const { clock, trace, counted } = begin();
  trace.ask(0);
  trace.beginAnswer(answerOf("text/event-stream"), true);
  for (const text of [": ping\n\n", "data: 1\n\n", ": ping\n\n", "data: [DONE]\n\n"]) {
    clock.pass(100);
    pass(trace, text);
  }
  trace.complete();
  assert.equal(trace.firstByteMs, 200);
  assert.deepEqual(counted("chunk_gap_seconds_count"), [" 2"]);
  assert.deepEqual(counted("chunk_gap_seconds_sum"), [" 0.2"]);
});

test("RequestTrace forgets an answer of which the client has seen nothing", () => {
  const { clock, trace, counted } = begin();
  trace.ask(0);
  trace.beginAnswer(answerOf("text/event-stream"), true);
  trace.noteRankError();
  trace.noteRetry("broke_off");
  trace.ask(1);
  trace.beginAnswer(answerOf("application/json"), false);
  clock.pass(100);
  pass(trace, '{"usage":{"prompt_tokens":1}}');
  trace.complete();
  assert.deepEqual([trace.tries, trace.rank, trace.firstByteMs], [2, 1, 100]);
  assert.deepEqual([trace.promptTokens, trace.completionTokens, trace.cachedTokens], [1, -1, -1]);
  assert.deepEqual(counted("retries_total"), ['{reason="broke_off"} 1']);
  assert.deepEqual(counted("rank_errors_total"), ['{rank="0"} 1']);
  assert.deepEqual(counted("rank_requests_total"), ['{rank="0"} 1', '{rank="1"} 1']);
});

test("RequestTrace reads no usage where none can be", () => {
  const { trace } = begin();
  const compressed = answerOf("application/json");
  compressed.headers.add("content-encoding", "gzip");
  for (const head of [compressed, answerOf("text/plain"), answerOf("application/json", 400)]) {
    assert.equal(trace.beginAnswer(head, false), false);
  }
  trace.passOn(1);
  assert.equal(trace.firstByteMs, 0);
  trace.complete();
});

test("RequestTrace does not believe in what a decode rank says it had cached", () => {
  const { trace, counted } = begin();
  trace.askPrefill(7);
  trace.noteRankError();
  trace.ask(8, 7);
  trace.beginAnswer(answerOf("application/json"), false);
  pass(trace, '{"usage":{"prompt_tokens":6,"prompt_tokens_details":{"cached_tokens":6}}}');
  trace.complete();
  assert.deepEqual([trace.promptTokens, trace.cachedTokens, trace.prefillRank], [6, -1, 7]);
  assert.deepEqual(counted("cached_tokens_total"), []);
  assert.deepEqual(counted("rank_errors_total"), ['{rank="7"} 1']);
});

test("RequestTrace says where a request stood when its client left", () => {
  const stages: Record<string, (trace: RequestTrace) => void> = {
    queue: (trace) => trace.queue(),
    body: (trace) => trace.gather(),
    rank: (trace) => trace.awaitRank(),
    prefill: (trace) => trace.askPrefill(0),
    first_byte: (trace) => trace.ask(0),
    answer: (trace) => {
      trace.ask(0);
      trace.beginAnswer(answerOf("text/plain"), false);
      trace.passOn(5);
    },
  };
  for (const [phase, act] of Object.entries(stages)) {
    const { trace, counted, metrics } = begin();
    act(trace);
    trace.abort();
    assert.deepEqual(counted("client_aborts_total"), [`{phase="${phase}"} 1`]);
    assert.deepEqual(counted("requests_total"), [], "there was no answer");
    assert.equal(trace.outcome, "client_gone");
    assert.equal(metrics.queuedRequests.value, 0);
  }
});

test("RequestTrace says with what a client was answered that broke the protocol", () => {
  const { trace, counted } = begin();
  trace.ask(0);
  trace.abort(413);
  const { status, outcome, refusalReason } = trace;
  assert.deepEqual([status, outcome, refusalReason], [413, "client_gone", "body_too_large"]);
  assert.deepEqual(counted("client_aborts_total"), ['{phase="first_byte"} 1']);
});

test("RequestTrace measures how long a request waited for its place", () => {
  const { clock, trace, counted, metrics } = begin();
  trace.queue();
  assert.equal(metrics.queuedRequests.value, 1);
  clock.pass(40);
  trace.admit();
  trace.admit();
  assert.equal(metrics.queuedRequests.value, 0);
  trace.refuse(503, "no_rank");
  assert.equal(trace.queuedMs, 40);
  assert.deepEqual(counted("queue_wait_seconds_sum"), [" 0.04"]);
  assert.deepEqual(counted("queue_wait_seconds_count"), [" 1"]);
  assert.deepEqual(counted("refusals_total"), ['{reason="no_rank"} 1']);
  assert.deepEqual(counted("requests_total"), ['{route="/v1/completions",status="5xx"} 1']);
});

test("RequestTrace tells a rank that failed before its answer from one that failed in it", () => {
  const before = begin();
  before.trace.ask(0);
  before.trace.fail(502);
  assert.deepEqual([before.trace.status, before.trace.outcome], [502, "rank_failed"]);
  assert.deepEqual(before.counted("broken_responses_total"), []);
  const inside = begin();
  inside.trace.ask(0);
  inside.trace.beginAnswer(answerOf("application/json"), false);
  pass(inside.trace, '{"usage":{"prompt_tokens":6}}');
  inside.trace.breakOff();
  assert.deepEqual([inside.trace.status, inside.trace.outcome], [200, "rank_failed"]);
  assert.deepEqual(inside.counted("broken_responses_total"), [" 1"]);
  assert.equal(inside.trace.promptTokens, -1, "an answer that broke off says nothing");
});
