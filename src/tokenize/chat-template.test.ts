import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatTemplate, templateValuesMax } from "./chat-template.ts";

const chatml =
  "{%- for m in messages %}{{- '<' + m.role + '>' + m.content + '</>' }}{%- endfor %}" +
  "{%- if add_generation_prompt %}<assistant>{%- endif %}";

function parse(
  texts: Record<string, string>,
  specialTokens: Record<string, string> = {},
): ChatTemplate {
  const source = { file: "tokenizer_config.json", texts: new Map(Object.entries(texts)) };
  return ChatTemplate.parse({ directory: "/m", source, specialTokens });
}

const user = { role: "user", content: "hi" };

test("ChatTemplate.render() opens the answer unless told otherwise", () => {
  const template = parse({ default: chatml });
  assert.equal(template.render([user]), "<user>hi</><assistant>");
  assert.equal(template.render([user], { addGenerationPrompt: false }), "<user>hi</>");
});

test("ChatTemplate.render() leaves the final message open to be continued", () => {
  const template = parse({ default: chatml });
  const messages = [user, { role: "assistant", content: " Hello, " }];
  const options = { addGenerationPrompt: false, continueFinalMessage: true };
  assert.equal(template.render(messages, options), "<user>hi</><assistant> Hello, ");
  const trimming = parse({ default: chatml.replace("m.content", "m.content | trim") });
  assert.equal(trimming.render(messages, options), "<user>hi</><assistant>Hello,");
  assert.throws(() => template.render([{ role: "assistant", content: "" }], options), {
    code: "CHAT_NOT_RENDERED",
  });
});

test("ChatTemplate.render() passes variables and special tokens, and takes tool_use for tools", () => {
  const template = parse(
    { default: "{{ bos_token }}{{ mood }}", tool_use: "{{ tools | length }} tools" },
    { bos_token: "<s>" },
  );
  assert.equal(template.render([user], { templateKwargs: { mood: "calm" } }), "<s>calm");
  assert.equal(template.render([user], { tools: [{}, {}] }), "2 tools");
});

test("ChatTemplate.render() does not let variables replace the messages", () => {
  const template = parse({ default: chatml });
  const templateKwargs = { messages: [], add_generation_prompt: false };
  assert.equal(template.render([user], { templateKwargs }), "<user>hi</><assistant>");
});

test("ChatTemplate.render() turns raise_exception and failing expressions into refusals", () => {
  const raising = parse({ default: "{{ raise_exception('roles must alternate') }}" });
  assert.throws(() => raising.render([user]), {
    code: "CHAT_NOT_RENDERED",
    message: "Cannot render the messages: roles must alternate",
  });
  const failing = parse({ default: "{{ messages[0].content.nothing() }}" });
  assert.throws(() => failing.render([user]), { code: "CHAT_NOT_RENDERED" });
  assert.throws(() => raising.render([user], { templateKwargs: { raise_exception: 1 } }), {
    code: "CHAT_NOT_RENDERED",
  });
});

test("ChatTemplate.render() refuses to render no messages", () => {
  assert.throws(() => parse({ default: chatml }).render([]), { code: "CHAT_NOT_RENDERED" });
});

test("ChatTemplate.render() refuses variables past its limit", () => {
  const templateKwargs = { list: Array.from({ length: templateValuesMax }, () => 0) };
  assert.throws(() => parse({ default: chatml }).render([user], { templateKwargs }), {
    code: "CHAT_NOT_RENDERED",
    message: /values/,
  });
});

test("ChatTemplate.render() counts the values inside the arguments of tool calls", () => {
  const text = JSON.stringify(Array.from({ length: templateValuesMax }, () => 0));
  const tool_calls = [{ function: { name: "f", arguments: text } }];
  assert.throws(() => parse({ default: chatml }).render([{ role: "assistant", tool_calls }]), {
    code: "CHAT_NOT_RENDERED",
    message: /values/,
  });
});

test("ChatTemplate.render() without a template says so", () => {
  assert.throws(() => parse({}).render([user]), { code: "CHAT_TEMPLATE_MISSING" });
});

test("ChatTemplate.parse() names the file of a broken template", () => {
  assert.throws(() => parse({ default: "{% for %}" }), {
    code: "CHAT_TEMPLATE_INVALID",
    message: /"tokenizer_config.json"/,
  });
});
