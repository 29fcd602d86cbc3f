import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readTemplateSource, specialTokensOf } from "./tokenizer-config.ts";

test("readTemplateSource() reads one text, named texts or none, and prefers the file", async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "penstock-template-"));
  context.after(() => rm(directory, { recursive: true }));
  const textsOf = async (config: Record<string, unknown>) => [
    ...(await readTemplateSource(directory, config)).texts,
  ];
  assert.deepEqual(await textsOf({ chat_template: "a" }), [["default", "a"]]);
  const named = [{ name: "rag", template: "b" }, { name: 5 }, "x"];
  assert.deepEqual(await textsOf({ chat_template: named }), [["rag", "b"]]);
  assert.deepEqual(await textsOf({}), []);
  await writeFile(join(directory, "chat_template.jinja"), "c");
  assert.deepEqual(await textsOf({ chat_template: "a" }), [["default", "c"]]);
});

test("specialTokensOf() reads tokens as text and as objects", () => {
  const config = {
    bos_token: null,
    eos_token: "</s>",
    pad_token: { content: "<pad>", special: true },
    add_bos_token: true,
    model_max_length: 5,
  };
  assert.deepEqual(specialTokensOf(config), { eos_token: "</s>", pad_token: "<pad>" });
});
