import assert from "node:assert/strict";
import { test } from "node:test";
import { coerceFreely, coerceWords, parseJson } from "./coerce-words.ts";
import { findKey, type KeyLeaf, makeKeyTree } from "./key-tree.ts";
import { configSchema } from "./schema/config.ts";

const root = makeKeyTree(configSchema);
const leaf = (name: string) => findKey(root, name)?.node as KeyLeaf;

test("coerceWords() follows the key's type", () => {
  assert.equal(coerceWords(leaf("seed"), ["1_000"]), 1000);
  assert.equal(coerceWords(leaf("enable_lora"), ["true"]), true);
  assert.equal(coerceWords(leaf("max_num_seqs"), ["None"]), null);
  assert.equal(coerceWords(leaf("output_dir"), ["12"]), "12");
  assert.deepEqual(coerceWords(leaf("lora_target_modules"), ["q_proj", "7"]), ["q_proj", "7"]);
  assert.deepEqual(coerceWords(leaf("lora_target_modules"), ['["a"]']), ["a"]);
});

test("coerceFreely() reads JSON, numbers with underscores and lists of words", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["1_0", 10],
    [".5", 0.5],
    [".", "."],
    ["1__0", "1__0"],
    ["true", true],
    ["null", null],
    ["text", "text"],
    ['{"a":[1]}', { a: [1] }],
    ["{", "{"],
    ["", ""],
  ];
  for (const [word, value] of cases) assert.deepEqual(coerceFreely([word]), value);
  assert.deepEqual(coerceFreely(["1", "x"]), [1, "x"]);
});

test("parseJson() leaves text that is too deep, at its limit, or unsafe", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assert.equal(typeof parseJson(nested(64)), "object");
  assert.equal(parseJson(nested(65)), nested(65));
  assert.equal(typeof parseJson(nested(100_000)), "string");
  assert.equal(parseJson('{"a":{"__proto__":1}}'), '{"a":{"__proto__":1}}');
});
