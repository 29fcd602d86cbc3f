import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseResponseHead } from "../http1/response-head.ts";
import { errorEvents, EventBoundary, isEventStream, lastChunks } from "./event-stream.ts";

test("EventBoundary.isWhole is true exactly behind an empty line, however the bytes come", () => {
  const pieces = fc.array(fc.string({ maxLength: 5, unit: fc.constantFrom("a", "\r", "\n") }));
  fc.assert(
    fc.property(pieces, (pieces) => {
      const boundary = new EventBoundary();
      for (const piece of pieces) boundary.note(Buffer.from(`_${piece}_`), 1, 1 + piece.length);
      // A stream that has said nothing stands between two events.
      assert.equal(boundary.isWhole, /\n\r?\n$/.test(`\n\n${pieces.join("")}`));
    }),
  );
});

test("isEventStream() knows streams that text can be appended to", () => {
  const is = (...lines: readonly string[]) =>
    isEventStream(parseResponseHead(["HTTP/1.1 200 OK", ...lines].join("\r\n"), "GET", 9));
  assert.equal(is("content-type: text/event-stream; charset=utf-8"), true);
  assert.equal(is("content-type: Text/Event-Stream"), true);
  assert.equal(is("content-type: text/event-streams"), false);
  assert.equal(is("content-type: application/json"), false);
  assert.equal(is("content-type: text/event-stream", "content-encoding: gzip"), false);
  assert.equal(is(), false);
});

test("errorEvents() gives the error in vLLM's shape and ends the stream", () => {
  const [first, done] = errorEvents(502, 'a "rank" failed').split("\n\n");
  const { error } = JSON.parse(first!.slice("data: ".length)) as { error: object };
  assert.deepEqual(error, {
    message: 'a "rank" failed',
    type: "BadGateway",
    param: null,
    code: 502,
  });
  assert.equal(done, "data: [DONE]");
});

test("lastChunks() counts bytes, not characters", () => {
  assert.equal(lastChunks("\u00e4\u20ac"), "5\r\n\u00e4\u20ac\r\n0\r\n\r\n");
});
