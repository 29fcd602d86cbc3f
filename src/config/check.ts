import { deepFreeze, nearestWord } from "../base/mod.ts";
import { applyRules } from "./apply-rules.ts";
import { chooseVariants } from "./choose-variants.ts";
import { dotted } from "./dotted-path.ts";
import { describeExpectation } from "./expectation.ts";
import { findKey, type KeyLeaf, type KeyMap, type KeyNode, type KeyTable } from "./key-tree.ts";
import { reportMissing } from "./missing-keys.ts";
import type { ConfigNotice } from "./notice.ts";
import type { Assignment, Provenance } from "./origin.ts";
import type { ConfigProblem } from "./problem.ts";
import { type Config, configSchema } from "./schema/config.ts";
import { settle } from "./settle.ts";

export interface Checked {
  /** With the default in place of every value that is wrong, so that the rules can look at the rest. */
  readonly config: Config;
  readonly provenance: Provenance;
  readonly problems: readonly ConfigProblem[];
  readonly notices: readonly ConfigNotice[];
}

/** Puts the assignments together, later ones over earlier ones, and checks types, ranges and the rules across keys. */
export function check(root: KeyTable, assignments: readonly Assignment[]): Checked {
  const variantOf = chosenVariants(assignments);
  const wrong = assignments.flatMap((assignment) => checkOne(root, assignment, variantOf));
  const wrongPaths = new Set(wrong.map(({ path }) => path));
  const settled = settle(assignments.filter(({ path }) => !wrongPaths.has(dotted(path))));
  const chosen = chooseVariants(root, settled, wrongPaths);
  const missing = reportMissing(root, settled, wrongPaths);
  for (const { path } of chosen.problems) wrongPaths.add(path);
  for (const path of missing.sections) wrongPaths.add(path);

  const ruled = applyRules(settled, wrongPaths);
  return {
    config: deepFreeze(configSchema.parse(settled.table)),
    provenance: settled.origins,
    problems: [...wrong, ...chosen.problems, ...missing.problems, ...ruled.problems],
    notices: [...chosen.notices, ...ruled.notices],
  };
}

/** A problem when the key does not take the value, also where a later file or flag sets another one. */
function checkOne(
  root: KeyTable,
  { path, value, origin }: Assignment,
  variantOf: VariantOf,
): readonly ConfigProblem[] {
  if (nodesAt(root, path).some((node) => takes(node, value))) return [];
  const nodes = nodesAt(root, path, variantOf);
  const message = `Expected ${describeNodes(nodes)}${suggestion(nodes, value)}`;
  return [{ origin, path: dotted(path), value, message }];
}

/** The variant that a section ends up with. */
type VariantOf = (section: KeyTable) => string | undefined;

function chosenVariants(assignments: readonly Assignment[]): VariantOf {
  const last = new Map(assignments.map(({ path, value }) => [dotted(path), value]));
  return ({ path, variants }) => {
    if (variants === undefined) return undefined;
    const name = last.get(dotted([...path, variants.discriminator]));
    return typeof name === "string" && variants.tables.has(name) ? name : variants.defaultName;
  };
}

/** What stands at a path: one node, or one for each variant of its section that has the key. */
function nodesAt(
  root: KeyTable,
  path: readonly string[],
  variantOf?: VariantOf,
): readonly KeyNode[] {
  let nodes: readonly KeyNode[] = [root];
  for (const key of path) nodes = nodes.flatMap((node) => stepInto(node, key, variantOf));
  if (nodes.length === 0) throw new TypeError(`No key "${dotted(path)}" in the schema`);
  return nodes;
}

function stepInto(node: KeyNode, key: string, variantOf?: VariantOf): readonly KeyNode[] {
  const isUnion = node.kind === "table" && node.variants !== undefined;
  if (!isUnion || key === node.variants.discriminator) {
    const found = findKey(node, key);
    return found === undefined ? [] : [found.node];
  }
  const { tables } = node.variants;
  const chosen = tables.get(variantOf?.(node) ?? "")?.keys.get(key);
  if (chosen !== undefined) return [chosen];
  return [...tables.values()].flatMap((table) => table.keys.get(key) ?? []);
}

function takes(node: KeyNode, value: unknown): boolean {
  if (node.kind === "leaf") return node.schema.safeParse(value).success;
  if (node.kind === "table") return true;
  return node.isEntry ? node.schema.safeParse({ key: value }).success : true;
}

function describeNodes(nodes: readonly KeyNode[]): string {
  const texts = nodes.map((node) =>
    node.kind === "leaf" ? describeExpectation(node.schema) : "a value that JSON can hold",
  );
  return [...new Set(texts)].join(", or ");
}

function suggestion(nodes: readonly (KeyLeaf | KeyMap | KeyTable)[], value: unknown): string {
  if (typeof value !== "string") return "";
  const choices = nodes.flatMap((node) => (node.kind === "leaf" ? node.choices : []));
  const nearest = nearestWord(value, choices);
  return nearest === undefined ? "" : `, did you mean "${nearest}"?`;
}
