import assert from "node:assert/strict";
import { test } from "node:test";
import { locate } from "./locate.ts";

const text = [
  "seed = 1",
  'model = { name = "x", "max-len" = 3 }',
  "server.port = 2",
  "[parallel]",
  "dp = 4",
  "[a.b]",
  "c = [1]",
].join("\n");

test("locate() finds keys and values in tables, dotted keys and inline tables", () => {
  assert.deepEqual(locate(text, ["seed"], "key"), { line: 1, column: 1 });
  assert.deepEqual(locate(text, ["seed"], "value"), { line: 1, column: 8 });
  assert.deepEqual(locate(text, ["model", "max-len"], "value"), { line: 2, column: 35 });
  assert.deepEqual(locate(text, ["server", "port"], "key"), { line: 3, column: 8 });
  assert.deepEqual(locate(text, ["server"], "key"), { line: 3, column: 1 });
  assert.deepEqual(locate(text, ["parallel", "dp"], "value"), { line: 5, column: 6 });
  assert.deepEqual(locate(text, ["a", "b", "c"], "key"), { line: 7, column: 1 });
  assert.deepEqual(locate(text, ["a", "b"], "key"), { line: 6, column: 4 });
});

test("locate() gives nothing for what is not there and for text that is no TOML", () => {
  assert.equal(locate(text, ["parallel", "tp"], "key"), undefined);
  assert.equal(locate(text, ["seed", "x"], "key"), undefined);
  assert.equal(locate("= =", ["x"], "key"), undefined);
});

test("locate() finds places in more texts than it keeps, in any order", () => {
  const texts = Array.from({ length: 40 }, (_, index) => `${"\n".repeat(index)}a = ${index}`);
  for (const text of [...texts, ...texts.toReversed()])
    assert.deepEqual(locate(text, ["a"], "value"), { line: text.split("\n").length, column: 5 });
});
