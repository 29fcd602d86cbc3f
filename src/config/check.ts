import { deepFreeze, nearestWord } from "../base/mod.ts";
import { describeExpectation } from "./expectation.ts";
import type { KeyLeaf, KeyNode, KeyTable } from "./key-tree.ts";
import type { Assignment, Origin, Provenance } from "./origin.ts";
import type { ConfigProblem } from "./problem.ts";
import { rules } from "./rules/rules.ts";
import { type Config, configSchema } from "./schema/config.ts";

export interface Checked {
  /** With the default in place of every value that is wrong, so that the rules can look at the rest. */
  readonly config: Config;
  readonly provenance: Provenance;
  readonly problems: readonly ConfigProblem[];
}

/** Puts the assignments together, later ones over earlier ones, and checks types, ranges and the rules across keys. */
export function check(root: KeyTable, assignments: readonly Assignment[]): Checked {
  const wrong = assignments.flatMap((assignment) => checkOne(root, assignment));
  const wrongPaths = new Set(wrong.map(({ path }) => path));
  const last = new Map(assignments.map((assignment) => [assignment.path.join("."), assignment]));
  const good = [...last]
    .filter(([path]) => !wrongPaths.has(path))
    .map(([, assignment]) => assignment);
  const config = deepFreeze(configSchema.parse(toTable(good)));
  const provenance = new Map([...last].map(([path, { origin }]) => [path, origin]));
  const broken = rules
    .flatMap((rule) => rule(config))
    .filter(({ paths }) => !paths.some((path) => wrongPaths.has(path)))
    .map(({ paths, message }) => toProblem(config, message, originOf(paths, provenance)));
  return { config, provenance, problems: [...wrong, ...broken] };
}

/** A problem when the key does not take the value, also where a later file or flag sets another one. */
function checkOne(root: KeyTable, assignment: Assignment): readonly ConfigProblem[] {
  const { path: keys, value, origin } = assignment;
  const leaf = leafAt(root, keys);
  if (leaf.schema.safeParse(value).success) return [];
  const message = `Expected ${describeExpectation(leaf.schema)}${suggestion(leaf, value)}`;
  return [{ origin, path: keys.join("."), value, message }];
}

function leafAt(root: KeyTable, keys: readonly string[]): KeyLeaf {
  let node: KeyNode | undefined = root;
  for (const key of keys) node = node?.kind === "table" ? node.keys.get(key) : undefined;
  if (node?.kind !== "leaf") throw new TypeError(`No key "${keys.join(".")}" in the schema`);
  return node;
}

function suggestion(leaf: KeyLeaf, value: unknown): string {
  if (typeof value !== "string") return "";
  const nearest = nearestWord(value, leaf.choices);
  return nearest === undefined ? "" : `, did you mean "${nearest}"?`;
}

function toTable(assignments: readonly Assignment[]): Record<string, unknown> {
  const table: Record<string, unknown> = {};
  for (const { path, value } of assignments) {
    let section = table;
    for (const key of path.slice(0, -1)) section = (section[key] ??= {}) as Record<string, unknown>;
    section[path.at(-1)!] = value;
  }
  return table;
}

interface Place {
  readonly path: string;
  readonly origin: Origin;
}

/** A broken rule is shown at the first of its keys that the user set. */
function originOf(paths: readonly string[], provenance: Provenance): Place {
  const set = paths.find((path) => provenance.has(path));
  const path = set ?? paths[0]!;
  return { path, origin: provenance.get(path) ?? { kind: "default" } };
}

function toProblem(config: Config, message: string, { path, origin }: Place): ConfigProblem {
  let value: unknown = config;
  for (const key of path.split(".")) value = (value as Record<string, unknown>)[key];
  return { origin, path, value, message };
}
