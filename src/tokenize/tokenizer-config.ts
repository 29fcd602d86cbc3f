import { isTable } from "../base/mod.ts";
import type { TemplateSource } from "./chat-template.ts";
import { readOptionalFile } from "./read-model-file.ts";

/**
 * Finds the chat template of a model: the file `chat_template.jinja` wins over `chat_template` in
 * tokenizer_config.json, which is one text or a list of named ones. A model without any has no texts.
 */
export async function readTemplateSource(
  directory: string,
  config: Readonly<Record<string, unknown>>,
): Promise<TemplateSource> {
  const file = "chat_template.jinja";
  const text = await readOptionalFile(directory, file);
  if (text !== undefined) return { file, texts: new Map([["default", text]]) };
  return { file: "tokenizer_config.json", texts: templateTexts(config["chat_template"]) };
}

/** The variables that templates use for special tokens: `bos_token`, `eos_token` and their like. */
export function specialTokensOf(config: Readonly<Record<string, unknown>>): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const [name, value] of Object.entries(config)) {
    const text = isTable(value) ? value["content"] : value;
    if (name.endsWith("_token") && typeof text === "string") tokens[name] = text;
  }
  return tokens;
}

function templateTexts(value: unknown): Map<string, string> {
  if (typeof value === "string") return new Map([["default", value]]);
  const texts = new Map<string, string>();
  for (const entry of Array.isArray(value) ? value.filter(isTable) : []) {
    const { name, template } = entry;
    if (typeof name === "string" && typeof template === "string") texts.set(name, template);
  }
  return texts;
}
