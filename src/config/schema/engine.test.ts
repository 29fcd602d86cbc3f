import assert from "node:assert/strict";
import { test } from "node:test";
import { listKeys } from "../list-keys.ts";
import { engineKeys } from "./engine.ts";

test("engineKeys stand at the top level of the configuration", () => {
  const paths = new Set(listKeys().map(({ path }) => path));
  for (const name of Object.keys(engineKeys)) assert.ok(paths.has(name), name);
});

test("listKeys() describes every key in one sentence, with a default that the key itself takes", () => {
  const keys = listKeys();
  assert.ok(keys.length > 15);
  const mustBeGiven = new Set(["kv_cache_offload.cpu.num_bytes", "kv_cache_offload.disk.path"]);
  for (const { path, description, expected, defaultValue } of keys) {
    assert.match(description, /^[A-Z][^\n]*\.$/, `${path} has a sentence`);
    assert.ok(expected.length > 0, `${path} says what it takes`);
    assert.equal(defaultValue === undefined, mustBeGiven.has(path), `${path} has a default`);
  }
});
