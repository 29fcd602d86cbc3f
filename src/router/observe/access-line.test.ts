import assert from "node:assert/strict";
import { test } from "node:test";
import { recordOf } from "../test-support/traced-requests.ts";
import { accessLine, sessionHash } from "./access-line.ts";
import type { AccessRecord } from "./access-record.ts";

function parse(record: AccessRecord, epochMs = 0): Record<string, unknown> {
  const line = accessLine(record, epochMs);
  assert.match(line, /^[^\n\r]+\n$/);
  return JSON.parse(line) as Record<string, unknown>;
}

test("accessLine() tells all of a request, and null for what there is not", () => {
  assert.deepEqual(parse(recordOf(), Date.UTC(2026, 10, 20)), {
    time: "2026-11-20T00:00:01.250Z",
    request_id: "r",
    client: "10.0.0.1",
    method: "POST",
    path: "/v1/completions",
    status: 200,
    outcome: "done",
    reason: null,
    rank: 3,
    prefill_rank: null,
    tries: 1,
    bytes_in: 10,
    bytes_out: 20,
    queue_ms: null,
    ttft_ms: 100,
    total_ms: 250,
    prompt_tokens: 5,
    completion_tokens: 7,
    cached_tokens: null,
    session: null,
  });
});

test("accessLine() keeps what a client sent inside its field", () => {
  const texts = [
    '","status":500,"x":"',
    "\\",
    "a\nb\r\u2028\0\x7f",
    "\ud800",
    "é",
    "x".repeat(256),
  ];
  for (const text of texts) {
    const line = parse(
      recordOf({ requestId: text, path: text, clientAddress: text, method: text }),
    );
    for (const name of ["request_id", "path", "client", "method"]) {
      assert.equal(line[name], text, name);
    }
    assert.equal(line["status"], 200);
  }
});

test("accessLine() cuts what is long", () => {
  const line = parse(recordOf({ requestId: "i".repeat(60_000), path: "p".repeat(60_000) }));
  assert.equal(line["request_id"], "i".repeat(256));
  assert.equal(line["path"], "p".repeat(256));
});

test("accessLine() names a session without its key", () => {
  const text = accessLine(recordOf({ sessionKey: "secret" }), 0);
  assert.ok(!text.includes("secret"));
  assert.ok(text.includes(`"session":"${sessionHash("secret")}"`));
  assert.match(sessionHash("secret"), /^[0-9a-f]{16}$/);
  assert.notEqual(sessionHash("secret"), sessionHash("secret2"));
});

test("accessLine() writes any time as Date does", () => {
  for (const at of [0, 1, 999, 1_000, 59_999.9, Date.UTC(2026, 11, 31, 23, 59, 59, 999), 5]) {
    const line = parse(recordOf({ endedAtMs: at }));
    assert.equal(line["time"], new Date(Math.floor(at)).toISOString());
  }
});
