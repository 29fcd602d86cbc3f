import { Tokenizer as NativeTokenizer } from "tokenizers";
import { isTable } from "../base/mod.ts";
import { PenstockError } from "../errors/mod.ts";
import { ChatTemplate } from "./chat-template.ts";
import { fileInvalid, readOptionalFile } from "./read-model-file.ts";
import { readTemplateSource, specialTokensOf } from "./tokenizer-config.ts";
import { Tokenizer, type TokenizerFacts } from "./tokenizer.ts";

/**
 * Loads tokenizer.json, tokenizer_config.json and the chat template of a Hugging Face model directory.
 *
 * @throws PenstockError MODEL_FILE_MISSING, TOKENIZER_INVALID or CHAT_TEMPLATE_INVALID, each naming the file.
 */
export async function loadTokenizer(directory: string): Promise<Tokenizer> {
  const [tokenizerText, configText] = await Promise.all([
    readModelFile(directory, "tokenizer.json", "the tokenizer"),
    readModelFile(directory, "tokenizer_config.json", "the special tokens and the chat template"),
  ]);
  const config = parseTable(directory, "tokenizer_config.json", configText);
  const native = parseNative(directory, tokenizerText);
  const facts = factsOf(parseTable(directory, "tokenizer.json", tokenizerText));
  const source = await readTemplateSource(directory, config);
  const chatTemplate = ChatTemplate.parse({
    directory,
    source,
    specialTokens: specialTokensOf(config),
  });
  return new Tokenizer(native, facts, chatTemplate);
}

async function readModelFile(directory: string, file: string, purpose: string): Promise<string> {
  const text = await readOptionalFile(directory, file);
  if (text !== undefined) return text;
  throw new PenstockError("MODEL_FILE_MISSING", { directory, file, purpose });
}

function parseTable(directory: string, file: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fileInvalid({ directory, file, cause });
  }
  if (isTable(value)) return value;
  throw new PenstockError("TOKENIZER_INVALID", { directory, file, reason: "it is not an object" });
}

function parseNative(directory: string, text: string): NativeTokenizer {
  try {
    const native = NativeTokenizer.fromString(text);
    // Some models ship the truncation of their training; here the server decides about lengths.
    native.disableTruncation();
    native.disablePadding();
    return native;
  } catch (cause) {
    throw fileInvalid({ directory, file: "tokenizer.json", cause });
  }
}

function factsOf(file: Record<string, unknown>): TokenizerFacts {
  const addedTokens = Array.isArray(file["added_tokens"])
    ? file["added_tokens"].filter(isTable)
    : [];
  const specialTokens = addedTokens.filter((token) => token["special"] === true);
  const added = addedTokens.map((token) => token["content"]);
  return {
    isByteLevel: isTable(file["decoder"]) && file["decoder"]["type"] === "ByteLevel",
    specialTokenIds: new Set(specialTokens.map((token) => Number(token["id"]))),
    tokenCharsMax: longest([...vocabularyOf(file["model"]), ...added]),
  };
}

/** BPE, WordPiece and WordLevel keep a map from token to id, Unigram a list of pairs of token and score. */
function vocabularyOf(model: unknown): Iterable<unknown> {
  if (!isTable(model)) return [];
  const { vocab } = model;
  if (Array.isArray(vocab))
    return vocab.map((entry: unknown) => (Array.isArray(entry) ? entry[0] : entry));
  return isTable(vocab) ? Object.keys(vocab) : [];
}

function longest(tokens: readonly unknown[]): number {
  let charsMax = 1;
  for (const token of tokens)
    if (typeof token === "string") charsMax = Math.max(charsMax, token.length);
  return charsMax;
}
