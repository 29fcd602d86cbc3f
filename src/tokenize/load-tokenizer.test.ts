import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { loadTokenizer } from "./load-tokenizer.ts";
const fixture = join(import.meta.dirname, "fixtures", "byte-level");

/** A copy of the fixture that the test may break. */
async function copyFixture(context: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "penstock-tokenizer-"));
  context.after(() => rm(directory, { recursive: true }));
  await cp(fixture, directory, { recursive: true });
  return directory;
}

test("loadTokenizer() encodes with and without special tokens, past the file's truncation", async () => {
  const tokenizer = await loadTokenizer(fixture);
  assert.deepEqual(await tokenizer.encode("abcd", { addSpecialTokens: true }), [262, 258, 100]);
  assert.deepEqual(await tokenizer.encode("abcd", { addSpecialTokens: false }), [258, 100]);
  const long = await tokenizer.encode("x".repeat(100), { addSpecialTokens: false });
  assert.equal(long.length, 100);
});

test("loadTokenizer() prefers chat_template.jinja", async (context) => {
  const directory = await copyFixture(context);
  await writeFile(join(directory, "chat_template.jinja"), "from the file {{ eos_token }}");
  const tokenizer = await loadTokenizer(directory);
  assert.equal(tokenizer.renderChat([{ role: "user" }]), "from the file <|im_end|>");
});

test("loadTokenizer() reads named templates", async (context) => {
  const directory = await copyFixture(context);
  const templates = [
    { name: "default", template: "plain" },
    { name: "tool_use", template: "tools" },
  ];
  await writeFile(
    join(directory, "tokenizer_config.json"),
    JSON.stringify({ chat_template: templates }),
  );
  const tokenizer = await loadTokenizer(directory);
  assert.equal(tokenizer.renderChat([{ role: "user" }], { tools: [{}] }), "tools");
});

for (const file of ["tokenizer.json", "tokenizer_config.json"]) {
  test(`loadTokenizer() names a missing ${file}`, async (context) => {
    const directory = await copyFixture(context);
    await rm(join(directory, file));
    await assert.rejects(loadTokenizer(directory), {
      code: "MODEL_FILE_MISSING",
      facts: { directory, file, purpose: purposeOf(file) },
    });
  });

  for (const text of ["", "{", "[]", "null"])
    test(`loadTokenizer() names a ${file} that holds ${JSON.stringify(text)}`, async (context) => {
      const directory = await copyFixture(context);
      await writeFile(join(directory, file), text);
      await assert.rejects(loadTokenizer(directory), {
        code: "TOKENIZER_INVALID",
        message: new RegExp(`"${file}"`),
      });
    });
}

function purposeOf(file: string): string {
  return file === "tokenizer.json" ? "the tokenizer" : "the special tokens and the chat template";
}

test("loadTokenizer() names a tokenizer.json without a model, and one that is a directory", async (context) => {
  const directory = await copyFixture(context);
  await writeFile(join(directory, "tokenizer.json"), "{}");
  await assert.rejects(loadTokenizer(directory), { code: "TOKENIZER_INVALID" });
  await rm(join(directory, "tokenizer.json"));
  await mkdir(join(directory, "tokenizer.json"));
  await assert.rejects(loadTokenizer(directory), { code: "TOKENIZER_INVALID" });
});

test("loadTokenizer() names a broken chat template", async (context) => {
  const directory = await copyFixture(context);
  await writeFile(join(directory, "chat_template.jinja"), "{% if %}");
  await assert.rejects(loadTokenizer(directory), {
    code: "CHAT_TEMPLATE_INVALID",
    message: /"chat_template.jinja"/,
  });
});
