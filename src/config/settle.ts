import { isTable } from "../base/mod.ts";
import { dotted } from "./dotted-path.ts";
import type { Assignment, Origin } from "./origin.ts";

/** Values by their keys, as they stand after all assignments; made without prototypes. */
export type ValueTable = Record<string, unknown>;

export interface Settled {
  readonly table: ValueTable;
  /** The origins of the values that stand, by dotted path. */
  readonly origins: Map<string, Origin>;
}

/**
 * Puts assignments over each other, later ones over earlier ones. An empty table makes sure that there is one
 * and keeps what it holds; any other value takes the place of everything below its path.
 */
export function settle(assignments: readonly Assignment[]): Settled {
  const settled: Settled = { table: emptyTable(), origins: new Map() };
  for (const assignment of assignments) put(settled, assignment);
  return settled;
}

/** Sets one value. */
export function put({ table, origins }: Settled, { path, value, origin }: Assignment): void {
  let parent = table;
  for (const [index, key] of path.slice(0, -1).entries()) {
    if (!isTable(parent[key])) {
      parent[key] = emptyTable();
      origins.delete(dotted(path.slice(0, index + 1)));
    }
    parent = parent[key] as ValueTable;
  }
  const key = path.at(-1)!;
  const keepsTable = isEmptyTable(value) && isTable(parent[key]);
  if (!keepsTable) {
    if (isTable(parent[key])) forgetBelow(origins, path);
    parent[key] = isEmptyTable(value) ? emptyTable() : value;
  }
  origins.set(dotted(path), origin);
}

/** Takes one value back, so that its default holds again. */
export function remove({ table, origins }: Settled, path: readonly string[]): void {
  if (isTable(valueAt(table, path))) forgetBelow(origins, path);
  const parent = valueAt(table, path.slice(0, -1));
  if (isTable(parent)) delete (parent as ValueTable)[path.at(-1)!];
  origins.delete(dotted(path));
}

/** The value at a path; undefined where the way ends before. */
export function valueAt(table: unknown, path: readonly string[]): unknown {
  let value: unknown = table;
  for (const key of path) {
    if (!isTable(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function emptyTable(): ValueTable {
  return Object.create(null) as ValueTable;
}

function isEmptyTable(value: unknown): boolean {
  return isTable(value) && Object.keys(value).length === 0;
}

function forgetBelow(origins: Map<string, Origin>, path: readonly string[]): void {
  const start = `${dotted(path)}.`;
  for (const known of origins.keys()) if (known.startsWith(start)) origins.delete(known);
}
