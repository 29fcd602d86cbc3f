import { isTable, nearestWord } from "../base/mod.ts";
import { findKey, type KeyNode, type KeyTable, listKeyPaths } from "./key-tree.ts";
import type { Assignment, Origin } from "./origin.ts";
import type { ConfigProblem, Findings } from "./problem.ts";

/** A value found at a path of the configuration. */
export interface Placed {
  readonly node: KeyNode;
  readonly path: readonly string[];
  readonly value: unknown;
  /** The origin of the value at the path `keys`, as written, below this one. */
  readonly originAt: (keys: readonly string[]) => Origin;
}

/**
 * Takes a value apart along the keys of the configuration: one assignment a leaf, one problem for each key
 * that does not exist. Tables that are merged leaf by leaf merge deeply; a list is a leaf and replaced whole.
 */
export function assign(root: KeyTable, placed: Placed): Findings<Assignment> {
  const values: Assignment[] = [];
  const problems: ConfigProblem[] = [];
  visit(placed, []);
  return { values, problems };

  function visit({ node, path, value, originAt }: Placed, keys: readonly string[]): void {
    const origin = originAt(keys);
    if (node.kind === "leaf") {
      const isNone = node.nullable && value === "None";
      values.push({ path, value: isNone ? null : value, origin });
    } else if (isTable(value)) {
      for (const [key, child] of Object.entries(value)) {
        const found = findKey(node, key);
        const below = [...keys, key];
        if (found === undefined) problems.push(unknownKey(root, [...path, key], originAt(below)));
        else visit({ node: found[1], path: [...path, found[0]], value: child, originAt }, below);
      }
    } else if (node.shorthand === undefined) {
      problems.push({ origin, path: path.join("."), value, message: "Expected a table of keys" });
    } else {
      values.push({ path: [...path, node.shorthand], value, origin });
    }
  }
}

/** A key that the configuration does not have, with the nearest one that it has. */
export function unknownKey(root: KeyTable, path: readonly string[], origin: Origin): ConfigProblem {
  const written = path.join(".").replaceAll("-", "_");
  const paths = listKeyPaths(root);
  const nearest = nearestWord(written, paths) ?? sameLastName(path.at(-1)!, paths);
  const suggestion = nearest === undefined ? "" : `, did you mean "${nearest}"?`;
  return { origin, path: path.join("."), message: `Unknown key${suggestion}` };
}

/** Helps where only the section is wrong or forgotten: `--port` is `server.port`. */
function sameLastName(written: string, paths: readonly string[]): string | undefined {
  const name = written.replaceAll("-", "_");
  const matches = paths.filter((path) => path.split(".").at(-1) === name);
  return matches.length === 1 ? matches[0] : undefined;
}
