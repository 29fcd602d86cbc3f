import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, parseLogLine } from "./log.ts";

function record(format: "json" | "text") {
  const lines: string[] = [];
  const logger = createLogger({
    name: "router",
    format,
    write: (line) => lines.push(line),
    now: () => new Date(0),
  });
  return { lines, logger };
}

test("createLogger() writes one JSON object a line that parseLogLine() reads back", () => {
  const { lines, logger } = record("json");
  logger.warning("Rank lost", { rank: 1, level: "spoofed" });
  assert.deepEqual(parseLogLine(lines[0]!.trimEnd()), {
    time: "1970-01-01T00:00:00.000Z",
    level: "warning",
    name: "router",
    message: "Rank lost",
    rank: 1,
  });
});

test("createLogger() writes plain text with quoted facts", () => {
  const { lines, logger } = record("text");
  logger.info("Ready", { url: "http://a", note: "two words" });
  assert.equal(lines[0], '00:00:00 INFO [router] Ready url=http://a note="two words"\n');
});

test("createLogger() drops lines below its level", () => {
  const { lines, logger } = record("json");
  logger.debug("Noise");
  assert.deepEqual(lines, []);
});

test("parseLogLine() gives undefined for foreign lines", () => {
  for (const line of [
    "hello",
    "{broken",
    "{}",
    '{"message":1,"level":"info"}',
    '{"message":"x","level":"loud"}',
  ])
    assert.equal(parseLogLine(line), undefined, line);
});
