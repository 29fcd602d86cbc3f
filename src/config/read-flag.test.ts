import assert from "node:assert/strict";
import { test } from "node:test";
import { makeKeyTree } from "./key-tree.ts";
import { findNamedKey, readFlag } from "./read-flag.ts";
import { configSchema } from "./schema/config.ts";

const root = makeKeyTree(configSchema);
const read = (name: string, ...words: readonly string[]) =>
  readFlag(root, { kind: "flag", name, words, order: 0 });

test("readFlag() gives typed values", () => {
  const values = (name: string, ...words: readonly string[]) =>
    read(name, ...words).values.map(({ path, value }) => [path.join("."), value]);
  assert.deepEqual(values("server.port", "8_001"), [["server.port", 8001]]);
  assert.deepEqual(values("seed", "1e2"), [["seed", 100]]);
  assert.deepEqual(values("no-dry-run"), [["dry_run", false]]);
  assert.deepEqual(values("model", "a b"), [["model.name", "a b"]]);
  assert.deepEqual(values("model", '{"name": "x", "dtype": "float32"}'), [
    ["model.name", "x"],
    ["model.dtype", "float32"],
  ]);
  assert.deepEqual(values("served_model_name", "7"), [["served_model_name", ["7"]]]);
});

test("readFlag() leaves what it cannot read as text, for the check to report", () => {
  assert.equal(read("server.port", "80", "81").values[0]?.value, "80 81");
  assert.equal(read("dry_run", "yes").values[0]?.value, "yes");
  assert.equal(read("served_model_name", "[1").values[0]?.value, "[1");
});

test("readFlag() reports flags that make no sense", () => {
  const message = (name: string, ...words: readonly string[]) =>
    read(name, ...words).problems.map((problem) => problem.message)[0];
  assert.match(message("no-server.port")!, /cannot be switched off/);
  assert.match(message("no-dry-run", "true")!, /no value/);
  assert.match(message("seed")!, /found none/);
  assert.match(message("sed", "1")!, /did you mean "seed"/);
  assert.match(message("server", "8000")!, /table/);
});

test("findNamedKey() finds sections, keys and negations under both spellings", () => {
  assert.deepEqual(findNamedKey(root, "model.max-model-len")?.node.path, [
    "model",
    "max_model_len",
  ]);
  assert.equal(findNamedKey(root, "no_dry_run")?.negated, true);
  assert.equal(findNamedKey(root, "server")?.node.kind, "table");
  assert.equal(findNamedKey(root, "server.port.x"), undefined);
});
