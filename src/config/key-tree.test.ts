import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { findKey, listKeyPaths, makeKeyTree } from "./key-tree.ts";

const tree = makeKeyTree(
  z.strictObject({
    model: z
      .strictObject({ name: z.string().default("x"), max_len: z.int().nullable().default(null) })
      .prefault({})
      .meta({ shorthand: "name" }),
    policy: z.enum(["a", "b"]).default("a"),
    names: z.array(z.string()).default([]),
    dry_run: z.boolean().default(false),
  }),
);

test("makeKeyTree() knows types behind defaults and null", () => {
  const model = tree.keys.get("model");
  assert.ok(model?.kind === "table");
  assert.equal(model.shorthand, "name");
  const maxLen = model.keys.get("max_len");
  assert.ok(maxLen?.kind === "leaf");
  assert.deepEqual([maxLen.type, maxLen.nullable], ["number", true]);
  const policy = tree.keys.get("policy");
  assert.ok(policy?.kind === "leaf");
  assert.deepEqual([policy.type, policy.choices], ["text", ["a", "b"]]);
  const names = tree.keys.get("names");
  assert.ok(names?.kind === "leaf");
  assert.deepEqual([names.type, names.elementType], ["list", "text"]);
});

test("findKey() takes kebab-case for snake_case, and nothing that only an object has", () => {
  assert.deepEqual(findKey(tree, "dry-run")?.node.path, ["dry_run"]);
  assert.deepEqual(findKey(tree, "dry_run")?.node.path, ["dry_run"]);
  for (const name of ["dryrun", "__proto__", "constructor", ""])
    assert.equal(findKey(tree, name), undefined);
});

test("listKeyPaths() lists sections and keys", () => {
  assert.deepEqual(listKeyPaths(tree), [
    "model",
    "model.name",
    "model.max_len",
    "policy",
    "names",
    "dry_run",
  ]);
});
