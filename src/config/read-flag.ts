import { isTable } from "../base/mod.ts";
import { assign, type Placed, unknownKey } from "./assign.ts";
import { coerceWords, parseJson } from "./coerce-words.ts";
import { findKey, type KeyNode, type KeyTable } from "./key-tree.ts";
import type { Assignment, Origin } from "./origin.ts";
import type { Findings } from "./problem.ts";
import type { CommandPart } from "./split-words.ts";

export type FlagPart = Extract<CommandPart, { kind: "flag" }>;

/** A key of the configuration that a flag names, and whether the flag says `--no-…`. */
export interface NamedKey {
  readonly path: readonly string[];
  readonly node: KeyNode;
  readonly negated: boolean;
}

/** The key that a flag names: `server.port`, `dry-run`, or `no-dry-run` for its negation. */
export function findNamedKey(root: KeyTable, name: string): NamedKey | undefined {
  const exact = findPath(root, name);
  if (exact !== undefined) return { ...exact, negated: false };
  const positive = /^no[-_](.+)$/.exec(name)?.[1];
  const negated = positive === undefined ? undefined : findPath(root, positive);
  return negated && { ...negated, negated: true };
}

/** What one flag sets. Tables are given as JSON and merged; a bare boolean is true. */
export function readFlag(root: KeyTable, part: FlagPart): Findings<Assignment> {
  const origin: Origin = { kind: "flag", flag: `--${part.name}`, order: part.order };
  const named = findNamedKey(root, part.name);
  if (named === undefined)
    return { values: [], problems: [unknownKey(root, part.name.split("."), origin)] };
  const { path, node } = named;
  const mistake = (message: string, value?: unknown): Findings<Assignment> => ({
    values: [],
    problems: [{ origin, path: path.join("."), message, value }],
  });

  if (named.negated) {
    if (node.kind === "table" || node.type !== "boolean")
      return mistake(`"${path.join(".")}" cannot be switched off: it is not a switch`);
    if (part.words.length > 0) return mistake("Expected no value after it", part.words.join(" "));
    return { values: [{ path, value: false, origin }], problems: [] };
  }
  const isBareSwitch = node.kind === "leaf" && node.type === "boolean" && part.words.length === 0;
  if (isBareSwitch) return { values: [{ path, value: true, origin }], problems: [] };
  if (part.words.length === 0) return mistake("Expected a value after it, found none");
  return assign(root, { node, path, value: valueOf(node, part.words), originAt: () => origin });
}

function valueOf(node: Placed["node"], words: readonly string[]): unknown {
  if (node.kind === "leaf") return coerceWords(node, words);
  const value = parseJson(words.join(" "));
  const shorthand = node.shorthand === undefined ? undefined : node.keys.get(node.shorthand);
  if (isTable(value) || shorthand?.kind !== "leaf") return value;
  return coerceWords(shorthand, words);
}

function findPath(
  root: KeyTable,
  name: string,
): { readonly path: readonly string[]; readonly node: KeyNode } | undefined {
  const path: string[] = [];
  let node: KeyNode = root;
  for (const written of name.split(".")) {
    const found: readonly [string, KeyNode] | undefined =
      node.kind === "table" ? findKey(node, written) : undefined;
    if (found === undefined) return undefined;
    path.push(found[0]);
    node = found[1];
  }
  return { path, node };
}
