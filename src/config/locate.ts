import { createRequire } from "node:module";
import type { AST } from "toml-eslint-parser";

export interface Position {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

/**
 * Where a TOML text sets the key with this path, or its value. Undefined when the text does not set it.
 * Loads its parser at the first call: a configuration without mistakes never needs positions.
 */
export function locate(
  text: string,
  path: readonly string[],
  target: "key" | "value",
): Position | undefined {
  const program = parseOnce(text);
  const found = program && findInBody(program.body[0].body, path);
  const node = target === "key" ? found?.key : found?.value;
  return node && { line: node.loc.start.line, column: node.loc.start.column + 1 };
}

const require = createRequire(import.meta.url);

/** Texts that stay parsed, the latest ones: a configuration has few files and many keys. */
const programsMax = 16;
const programs = new Map<string, AST.TOMLProgram | undefined>();

function parseOnce(text: string): AST.TOMLProgram | undefined {
  if (programs.has(text)) return programs.get(text);
  const program = parse(text);
  if (programs.size === programsMax) programs.delete(programs.keys().next().value!);
  programs.set(text, program);
  return program;
}

function parse(text: string): AST.TOMLProgram | undefined {
  const { parseTOML } = require("toml-eslint-parser") as typeof import("toml-eslint-parser");
  try {
    return parseTOML(text, { tomlVersion: "1.0.0" });
  } catch {
    return undefined; // The text was read by a more lenient parser: the report names the file alone.
  }
}

interface Found {
  readonly key: AST.TOMLNode;
  readonly value: AST.TOMLNode;
}

type Entry = AST.TOMLKeyValue | AST.TOMLTable;

/** The last match wins, as a later table of the same name extends an earlier one. */
function findInBody(body: readonly Entry[], path: readonly string[]): Found | undefined {
  let found: Found | undefined;
  for (const entry of body) found = findInEntry(entry, path) ?? found;
  return found;
}

function findInEntry(entry: Entry, path: readonly string[]): Found | undefined {
  const names = entry.key.keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value));
  const shared = Math.min(names.length, path.length);
  if (names.slice(0, shared).some((name, index) => name !== path[index])) return undefined;
  const value = entry.type === "TOMLTable" ? entry : entry.value;
  if (names.length >= path.length) return { key: entry.key.keys[path.length - 1]!, value };
  const rest = path.slice(names.length);
  if (entry.type === "TOMLTable") return findInBody(entry.body, rest);
  return entry.value.type === "TOMLInlineTable" ? findInBody(entry.value.body, rest) : undefined;
}
