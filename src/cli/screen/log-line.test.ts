import assert from "node:assert/strict";
import { test } from "node:test";
import { formatLogLine, makeIdPrefix } from "./log-line.ts";

const plain = { raw: false, hasColour: false };
const json = JSON.stringify({
  time: "2026-01-02T03:04:05.678Z",
  level: "error",
  name: "rank-0",
  message: "Lost \u001b[2J it",
  url: "http://x",
  note: "two words",
});

test("formatLogLine() shows our own lines for people, and as they are when asked", () => {
  assert.equal(
    formatLogLine(json, plain),
    '03:04:05 ERROR Lost \u{fffd}[2J it url=http://x note="two words"',
  );
  assert.equal(formatLogLine(json, { ...plain, raw: true }), json);
  const progress = {
    level: "info",
    message: "Loading",
    event: "progress",
    done: 1 / 3,
    at: 1234567,
  };
  assert.equal(
    formatLogLine(JSON.stringify(progress), plain),
    "INFO Loading done=0.333 at=1234567",
  );
  const odd = JSON.stringify({ level: "info", message: "no time", time: 7 });
  assert.equal(formatLogLine(odd, plain), "INFO no time");
});

test("formatLogLine() takes colours and cursor moves out of what other programs write", () => {
  assert.equal(
    formatLogLine("\u001b[32mINFO\u001b[0m ok\r\u0007", plain),
    "INFO ok\u{fffd}\u{fffd}",
  );
});

test("formatLogLine() and makeIdPrefix() colour where there is a terminal", () => {
  const shown = formatLogLine(json, { raw: false, hasColour: true });
  assert.ok(shown.startsWith("\u001b[31m03:04:05") && shown.endsWith("\u001b[0m"), shown);
  const prefix = makeIdPrefix(["a", "rank-0"], true);
  assert.equal(prefix("a"), "\u001b[36ma     \u001b[0m | ");
  assert.equal(makeIdPrefix(["a", "rank-0"], false)("a"), "a      | ");
});
