import { isTable } from "../base/mod.ts";
import { isUnsafeName, type KeyLeaf, type ScalarType } from "./key-tree.ts";

/**
 * The value that a flag's words stand for. What cannot be read as the key's type stays text, so that the
 * check, which knows what is expected, reports it.
 */
export function coerceWords(leaf: KeyLeaf, words: readonly string[]): unknown {
  if (leaf.nullable && words.length === 1 && words[0] === "None") return null;
  if (leaf.type === "list") return coerceList(leaf, words);
  return words.length === 1 ? coerceWord(leaf.type, words[0]!) : words.join(" ");
}

/** The value of a key whose type nobody knows: JSON where it is, else text; several words are a list. */
export function coerceFreely(words: readonly string[]): unknown {
  if (words.length > 1) return words.map((word) => coerceFreely([word]));
  const [word = ""] = words;
  return numberPattern.test(word) ? coerceWord("number", word) : parseJson(word);
}

function coerceList(leaf: KeyLeaf, words: readonly string[]): unknown {
  const [first] = words;
  if (words.length === 1 && first?.startsWith("[") === true) return parseJson(first);
  return words.map((word) => coerceWord(leaf.elementType, word));
}

const numberPattern = /^[+-]?(\d+(_\d+)*(\.\d+(_\d+)*)?|\.\d+(_\d+)*)([eE][+-]?\d+)?$/;

function coerceWord(type: ScalarType, word: string): unknown {
  if (type === "boolean") return word === "true" ? true : word === "false" ? false : word;
  if (type === "number" && numberPattern.test(word)) return Number(word.replaceAll("_", ""));
  return word;
}

/** Deepest JSON that is read. */
const depthMax = 64;

/** JSON, or the text itself where it is none, is too deep or reaches for a prototype. */
export function parseJson(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    return isPlain(value, depthMax) ? value : text;
  } catch {
    return text; // Stays text: the check reports it as a value of the wrong type.
  }
}

function isPlain(value: unknown, depthLeft: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depthLeft === 0) return false;
  if (isTable(value) && Object.keys(value).some(isUnsafeName)) return false;
  return Object.values(value).every((child) => isPlain(child, depthLeft - 1));
}
