import { isTable } from "../base/mod.ts";
import { aliasNotice, assign, unknownKey } from "./assign.ts";
import { coerceFreely, coerceWords, parseJson } from "./coerce-words.ts";
import { dotted } from "./dotted-path.ts";
import { findKey, type KeyAlias, type KeyNode, type KeyTable } from "./key-tree.ts";
import type { ConfigNotice } from "./notice.ts";
import type { Assignment, Origin } from "./origin.ts";
import type { Findings } from "./problem.ts";
import type { CommandPart } from "./split-words.ts";

export type FlagPart = Extract<CommandPart, { kind: "flag" }>;

/** A key of the configuration that a flag names, and whether the flag says `--no-…`. */
export interface NamedKey {
  /** The last step of the way, and the alias that was taken somewhere on it. */
  readonly found: KeyAlias;
  readonly node: KeyNode;
  readonly negated: boolean;
}

/** The key that a flag names: `server.port`, `dry-run`, or `no-dry-run` for its negation. */
export function findNamedKey(root: KeyTable, name: string): NamedKey | undefined {
  const exact = findPath(root, name);
  if (exact !== undefined) return { found: exact, node: exact.node, negated: false };
  const positive = /^no[-_](.+)$/.exec(name)?.[1];
  const negated = positive === undefined ? undefined : findPath(root, positive);
  return negated && { found: negated, node: negated.node, negated: true };
}

/** What one flag sets. Tables are given as JSON and merged; a bare boolean is true, a bare optional section on. */
export function readFlag(root: KeyTable, part: FlagPart): Findings<Assignment> {
  const origin: Origin = { kind: "flag", flag: `--${part.name}`, order: part.order };
  const named = findNamedKey(root, part.name);
  if (named === undefined) return readUnknown(root, part, origin);
  const { node, negated } = named;
  const mistake = (message: string, value?: unknown): Findings<Assignment> => ({
    values: [],
    problems: [{ origin, path: dotted(node.path), message, value }],
    notices: [],
  });
  if (negated && part.words.length > 0)
    return mistake("Expected no value after it", part.words.join(" "));
  const value = negated ? valueWithout(node) : valueOf(node, part.words);
  if (value === undefined)
    return negated
      ? mistake(`"${dotted(node.path)}" cannot be switched off: it is not a switch`)
      : mistake("Expected a value after it, found none");

  const meant = named.found.read === undefined ? value : named.found.read(value);
  if (meant === undefined) return leftAlone(origin);
  const assigned = assign(root, { node, value: meant, originAt: () => origin });
  const notice = aliasNotice(named.found, part.name, origin);
  return {
    values: assigned.values,
    problems: assigned.problems,
    notices: [...(notice === undefined ? [] : [notice]), ...assigned.notices],
  };
}

/** Undefined where the flag needs words and has none. */
function valueOf(node: KeyNode, words: readonly string[]): unknown {
  if (words.length === 0) return valueBare(node);
  if (node.kind === "leaf") return coerceWords(node, words);
  if (node.kind === "map") return node.isEntry ? coerceFreely(words) : parseJson(words.join(" "));
  const value = parseJson(words.join(" "));
  const shorthand = node.shorthand === undefined ? undefined : node.keys.get(node.shorthand);
  if (isTable(value) || shorthand?.kind !== "leaf") return value;
  return coerceWords(shorthand, words);
}

function valueBare(node: KeyNode): unknown {
  if (node.kind === "leaf") return node.type === "boolean" ? true : undefined;
  if (node.kind === "map") return node.isEntry ? true : undefined;
  return node.nullable ? {} : undefined;
}

/** What `--no-…` sets; undefined where there is nothing to switch off. */
function valueWithout(node: KeyNode): unknown {
  if (node.kind === "leaf") return node.type === "boolean" ? false : undefined;
  if (node.kind === "map") return node.isEntry ? false : undefined;
  return node.nullable ? null : undefined;
}

/** A name that leads out of what is ours is left alone, every other unknown name is a mistake. */
function readUnknown(root: KeyTable, part: FlagPart, origin: Origin): Findings<Assignment> {
  const names = part.name.split(".");
  let node: KeyNode = root;
  for (const name of names) {
    const found: KeyAlias | undefined = findKey(node, name);
    if (found !== undefined) node = found.node;
    else if (node.kind === "table" && node.isOpen) return leftAlone(origin);
    else break;
  }
  return { values: [], problems: [unknownKey(root, names, origin)], notices: [] };
}

function leftAlone(origin: Origin): Findings<Assignment> {
  const notice: ConfigNotice = {
    origin,
    path: "",
    message: "left alone, it does not concern inference",
  };
  return { values: [], problems: [], notices: [notice] };
}

/** The key at the end of a dotted name, with the owner of the last alias on the way. */
function findPath(root: KeyTable, name: string): KeyAlias | undefined {
  let found: KeyAlias = { node: root };
  for (const written of name.split(".")) {
    const next = findKey(found.node, written);
    if (next === undefined) return undefined;
    const owner = next.owner ?? found.owner;
    found = { ...next, ...(owner !== undefined && { owner }) };
  }
  return found;
}
