import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { flagsToWords, flagWords, type JsonValue } from "./flag-words.ts";

test("flagWords() writes every kind of value as vLLM's parser reads it", () => {
  const cases: readonly (readonly [string, JsonValue | undefined, readonly string[]])[] = [
    ["--seed", 0, ["--seed", "0"]],
    ["--dtype", "half", ["--dtype", "half"]],
    ["--enforce-eager", true, ["--enforce-eager"]],
    ["--enforce-eager", false, ["--no-enforce-eager"]],
    ["--served-model-name", ["a", "b"], ["--served-model-name", "a", "b"]],
    ["--served-model-name", [], []],
    ["--eplb-config", { window_size: 2 }, ["--eplb-config", '{"window_size":2}']],
    ["--lora-modules", [{ name: "x" }, "y=z"], ["--lora-modules", '{"name":"x"}', "y=z"]],
    ["--dtype", null, []],
    ["--dtype", undefined, []],
  ];
  for (const [flag, value, words] of cases) assert.deepEqual(flagWords(flag, value), words);
});

test("flagWords() leaves a switch without an opposite out when it is off", () => {
  assert.deepEqual(flagWords("--headless", true), ["--headless"]);
  assert.deepEqual(flagWords("--headless", false), []);
});

test("flagWords() knows the lists that vLLM reads as JSON and those it wants one by one", () => {
  assert.deepEqual(flagWords("--allowed-origins", ["a", "b"]), ["--allowed-origins", '["a","b"]']);
  assert.deepEqual(flagWords("--middleware", ["a", "b"]), [
    "--middleware",
    "a",
    "--middleware",
    "b",
  ]);
});

test("flagWords() joins a value that looks like a flag", () => {
  assert.deepEqual(flagWords("--max-logprobs", -1), ["--max-logprobs=-1"]);
  assert.deepEqual(flagWords("--chat-template", "--x"), ["--chat-template=--x"]);
});

test("flagWords() writes tables that parse back to themselves", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (table) => {
      const [, text] = flagWords("--hf-overrides", table as JsonValue);
      assert.deepEqual(JSON.parse(text!), JSON.parse(JSON.stringify(table)));
    }),
  );
});

test("flagsToWords() keeps the order of the flags", () => {
  assert.deepEqual(flagsToWords({ "--port": 1, "--host": null, "--seed": 2 }), [
    "--port",
    "1",
    "--seed",
    "2",
  ]);
});
