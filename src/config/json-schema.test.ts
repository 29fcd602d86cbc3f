import assert from "node:assert/strict";
import { test } from "node:test";
import { isTable } from "../base/mod.ts";
import { configJsonSchema } from "./json-schema.ts";

function at(schema: unknown, ...keys: readonly string[]): unknown {
  let value = schema;
  for (const key of keys) {
    assert.ok(isTable(value) || Array.isArray(value), key);
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

const schema = configJsonSchema();
const standalone = at(schema, "$defs", "standalone", "properties");

test("configJsonSchema() describes keys with unit and default", () => {
  const port = at(standalone, "server", "properties", "port");
  assert.equal(at(port, "default"), 8000);
  assert.match(String(at(port, "description")), /Port of the router.* Unit: TCP port\.$/);
});

test("configJsonSchema() says None where TOML has no null", () => {
  const key = at(standalone, "max_num_seqs");
  assert.equal(at(key, "default"), "None");
  assert.deepEqual(at(key, "anyOf", "1"), { const: "None" });
  assert.ok(
    !JSON.stringify(schema).includes('"null"') ||
      JSON.stringify(at(schema, "$defs")).includes("__schema0"),
  );
});

test("configJsonSchema() takes a bare model, other places of sections, and RL files", () => {
  assert.deepEqual(at(standalone, "model", "anyOf", "0"), { type: "string" });
  const variant = at(standalone, "deployment", "anyOf", "1", "properties");
  assert.ok(at(variant, "router"));
  assert.ok(at(variant, "num_infer_replicas"));
  assert.deepEqual(at(schema, "$defs", "rl", "required"), ["inference"]);
});

test("configJsonSchema() holds nothing but JSON Schema, and every reference leads somewhere", () => {
  const text = JSON.stringify(schema);
  for (const name of ["shorthand", "expected", "unit"])
    assert.ok(!text.includes(`"${name}":`), name);
  for (const [, name] of text.matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g))
    assert.ok(at(schema, "$defs", name!), name);
});
