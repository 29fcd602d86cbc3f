import assert from "node:assert/strict";
import { test } from "node:test";
import { refuseUnsupported } from "./refuse-unsupported.ts";

test("refuseUnsupported() refuses what one endpoint knows and the other one ignores", () => {
  assert.throws(() => refuseUnsupported("completion", { suffix: "x" }), { status: 400 });
  refuseUnsupported("chat", { suffix: "x" });
  assert.throws(() => refuseUnsupported("chat", { chat_template: "x" }), { status: 400 });
  refuseUnsupported("completion", { chat_template: "x" });
});

test("refuseUnsupported() takes zero and empty values as switched off, where they are", () => {
  const off = {
    bad_words: [],
    stream_interval: 1,
    best_of: 1,
  };
  refuseUnsupported("completion", off);
  assert.throws(() => refuseUnsupported("completion", { stream_interval: 2 }), { status: 400 });
  assert.throws(() => refuseUnsupported("completion", { allowed_token_ids: [] }), { status: 400 });
});

test("refuseUnsupported() looks at own fields only", () => {
  refuseUnsupported("chat", Object.create({ bad_words: ["x"] }) as Record<string, unknown>);
});
