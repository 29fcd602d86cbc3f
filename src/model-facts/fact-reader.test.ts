import assert from "node:assert/strict";
import { test } from "node:test";
import { isPenstockError } from "../errors/mod.ts";
import { factsOf } from "./test-support/shape-config.ts";

test("FactReader takes a fact under any of its names", () => {
  const facts = factsOf({ n_layer: 3, n_head: null, heads: 8 });
  assert.equal(facts.integer(["num_hidden_layers", "n_layer"]), 3);
  assert.equal(facts.integer(["n_head", "heads"]), 8);
  assert.equal(facts.optionalInteger(["a", "b"]), null);
  assert.equal(facts.has("n_head"), false);
});

test("FactReader asks the language part before the whole file", () => {
  const text_config = { hidden_size: 64 };
  const facts = factsOf({ hidden_size: 1, dtype: "float16", text_config });
  assert.equal(facts.integer("hidden_size"), 64);
  assert.equal(facts.string("dtype"), "float16");
  const nested = factsOf({ thinker_config: { text_config }, hidden_size: 1 });
  assert.equal(nested.integer("hidden_size"), 64);
});

test("FactReader names the first of the names and where it stands", () => {
  const assertFails = (act: () => unknown, pattern: RegExp) =>
    assert.throws(act, (error) => isPenstockError(error) && pattern.test(error.message));
  assertFails(() => factsOf({}).integer(["a", "b"]), /"a" is absent/);
  assertFails(
    () => factsOf({ text_config: { b: "x" } }).integer(["a", "b"]),
    /"text_config\.b" is "x"/,
  );
});

test("FactReader takes a language part that is no object for none", () => {
  assert.equal(factsOf({ text_config: 7, hidden_size: 2 }).integer("hidden_size"), 2);
});

test("FactReader.text() passes over what is not text", () => {
  assert.equal(factsOf({ pattern: 6, _pattern: "LG" }).text("pattern", "_pattern"), "LG");
  assert.equal(factsOf({ pattern: 6 }).text("pattern"), null);
});
