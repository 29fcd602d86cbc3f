import type { KeyLeaf } from "./key-tree.ts";

/**
 * The value that a flag's words stand for. What cannot be read as the key's type stays text, so that the
 * check, which knows what is expected, reports it.
 */
export function coerceWords(leaf: KeyLeaf, words: readonly string[]): unknown {
  if (leaf.nullable && words.length === 1 && words[0] === "None") return null;
  if (leaf.type === "list") return coerceList(leaf, words);
  return words.length === 1 ? coerceWord(leaf.type, words[0]!) : words.join(" ");
}

function coerceList(leaf: KeyLeaf, words: readonly string[]): unknown {
  const [first] = words;
  if (words.length === 1 && first?.startsWith("[") === true) return parseJson(first);
  return words.map((word) => coerceWord(leaf.elementType, word));
}

const numberPattern = /^[+-]?\d+(_\d+)*(\.\d+(_\d+)*)?([eE][+-]?\d+)?$/;

function coerceWord(type: KeyLeaf["elementType"], word: string): unknown {
  if (type === "boolean") return word === "true" ? true : word === "false" ? false : word;
  if (type === "number" && numberPattern.test(word)) return Number(word.replaceAll("_", ""));
  return word;
}

/** JSON, or the text itself where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text; // Stays text: the check reports it as a value of the wrong type.
  }
}
