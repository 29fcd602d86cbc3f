import assert from "node:assert/strict";
import { test } from "node:test";
import { sseDone, sseEvent } from "./sse.ts";

test("sseEvent() keeps line feeds of the value inside one event", () => {
  assert.equal(sseEvent({ text: "a\n\nb" }), 'data: {"text":"a\\n\\nb"}\n\n');
  assert.equal(sseDone, "data: [DONE]\n\n");
});
