import { isTable, nearestWord } from "../base/mod.ts";
import { dotted } from "./dotted-path.ts";
import {
  findKey,
  type KeyAlias,
  type KeyMap,
  type KeyNode,
  type KeyTable,
  listKeyPaths,
} from "./key-tree.ts";
import type { ConfigNotice } from "./notice.ts";
import type { Assignment, Origin } from "./origin.ts";
import type { ConfigProblem, Findings } from "./problem.ts";

/** A value found for a node of the key tree. */
export interface Placed {
  readonly node: KeyNode;
  readonly value: unknown;
  /** The origin of the value at the path `keys`, as written, below this one. */
  readonly originAt: (keys: readonly string[]) => Origin;
}

export interface Assigned extends Findings<Assignment> {
  /** Paths, as written, of keys that are not ours. */
  readonly leftAlone: readonly string[];
}

/**
 * Takes a value apart along the keys of the configuration: one assignment a leaf, one for each section that
 * may be empty, one problem for each key that does not exist. Tables that are merged leaf by leaf merge deeply;
 * a list is a leaf and replaced whole.
 */
export function assign(root: KeyTable, placed: Placed): Assigned {
  const { originAt } = placed;
  const values: Assignment[] = [];
  const problems: ConfigProblem[] = [];
  const notices: ConfigNotice[] = [];
  const leftAlone: string[] = [];
  visit(placed.node, placed.value, []);
  return { values, problems, notices, leftAlone };

  function visit(node: KeyNode, value: unknown, keys: readonly string[]): void {
    if (node.kind === "leaf")
      set(node.path, node.nullable && value === "None" ? null : value, keys);
    else if (node.kind === "map") visitMap(node, value, keys);
    else visitTable(node, value, keys);
  }

  function visitTable(node: KeyTable, value: unknown, keys: readonly string[]): void {
    if (node.nullable && (value === null || value === "None")) set(node.path, null, keys);
    else if (isTable(value)) {
      if (node.nullable) set(node.path, {}, keys);
      visitEntries(node, value, keys);
    } else if (node.shorthand === undefined) refuse(node, value, keys);
    else set([...node.path, node.shorthand], value, keys);
  }

  function visitMap(node: KeyMap, value: unknown, keys: readonly string[]): void {
    if (isTable(value)) {
      set(node.path, {}, keys);
      visitEntries(node, value, keys);
    } else if (node.isEntry) set(node.path, noneToNull(value), keys);
    else refuse(node, value, keys);
  }

  function visitEntries(
    node: KeyTable | KeyMap,
    table: Readonly<Record<string, unknown>>,
    keys: readonly string[],
  ): void {
    for (const [key, value] of Object.entries(table)) {
      const found = findKey(node, key);
      const below = [...keys, key];
      if (found !== undefined) visitFound(found, value, below);
      else if (node.kind === "table" && node.isOpen) leftAlone.push(dotted(below));
      else problems.push(unknownKey(root, [...node.path, key], originAt(below)));
    }
  }

  function visitFound(found: KeyAlias, value: unknown, keys: readonly string[]): void {
    if (found.mistake !== undefined) {
      const path = dotted(found.node.path);
      problems.push({ origin: originAt(keys), path, message: found.mistake });
      return;
    }
    const meant = found.read === undefined ? value : found.read(value);
    if (meant === undefined) {
      leftAlone.push(dotted(keys));
      return;
    }
    const notice = aliasNotice(found, keys.at(-1)!, originAt(keys));
    if (notice !== undefined) notices.push(notice);
    visit(found.node, meant, keys);
  }

  function set(path: readonly string[], value: unknown, keys: readonly string[]): void {
    values.push({ path, value, origin: originAt(keys) });
  }

  function refuse({ path }: KeyNode, value: unknown, keys: readonly string[]): void {
    const message = "Expected a table of keys";
    problems.push({ origin: originAt(keys), path: dotted(path), value, message });
  }
}

/** Tells our own name of a key to somebody who used another program's. */
export function aliasNotice(
  { node, owner }: KeyAlias,
  written: string,
  origin: Origin,
): ConfigNotice | undefined {
  if (owner === undefined) return undefined;
  const message = `"${written}" is ${owner}'s name, here it is "${dotted(node.path)}"`;
  return { origin, path: "", message };
}

/** A key that the configuration does not have, with the one that was probably meant. */
export function unknownKey(root: KeyTable, path: readonly string[], origin: Origin): ConfigProblem {
  const names = path.map((name) => name.replaceAll("-", "_"));
  const nearest =
    inItsSection(root, names) ?? sameLastName(root, names) ?? nearestPath(root, names);
  const suggestion =
    nearest !== undefined
      ? `, did you mean "${nearest}"?`
      : path.length === 1
        ? "; an argument of vLLM itself goes below [vllm_extra]"
        : "";
  return { origin, path: dotted(path), message: `Unknown key${suggestion}` };
}

/** Compares names alone where the section is right: its path would make every name look near. */
function inItsSection(root: KeyTable, names: readonly string[]): string | undefined {
  const section = sectionAt(root, names.slice(0, -1));
  if (section === undefined) return undefined;
  const nearest = nearestWord(names.at(-1)!, [...section.keys.keys(), ...ownedNames(section)]);
  if (nearest === undefined) return undefined;
  return dotted((section.keys.get(nearest) ?? section.aliases.get(nearest)!.node).path);
}

/** A name with more homes than these says too little. */
const homesMax = 3;

/** Helps where only the section is wrong or forgotten: `--policy` is `router.policy`. */
function sameLastName(root: KeyTable, names: readonly string[]): string | undefined {
  const name = names.at(-1)!;
  if (ownedNames(root).includes(name)) return dotted(root.aliases.get(name)!.node.path);
  const matches = listKeyPaths(root).filter((path) => path.split(".").at(-1) === name);
  return matches.length === 0 || matches.length > homesMax ? undefined : matches.join('" or "');
}

/** Helps where a section's name is wrong, perhaps with the key's. */
function nearestPath(root: KeyTable, names: readonly string[]): string | undefined {
  const isKnown = names.length > 1 && sectionAt(root, names.slice(0, -1)) !== undefined;
  return isKnown ? undefined : nearestWord(names.join("."), listKeyPaths(root));
}

function sectionAt(root: KeyTable, names: readonly string[]): KeyTable | undefined {
  let node: KeyNode | undefined = root;
  for (const name of names) node = node && findKey(node, name)?.node;
  return node?.kind === "table" ? node : undefined;
}

/** Other programs' names of keys, which are suggested under ours. */
function ownedNames({ aliases }: KeyTable): readonly string[] {
  return [...aliases].flatMap(([name, { owner }]) => (owner === undefined ? [] : [name]));
}

/** TOML has no null; where the keys are free, the text "None" stands for it. */
function noneToNull(value: unknown): unknown {
  if (value === "None") return null;
  if (Array.isArray(value)) return value.map(noneToNull);
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, noneToNull(child)]));
}
