import * as fc from "fast-check";
import {
  type KeyLeaf,
  type KeyMap,
  type KeyNode,
  type KeyTable,
  makeKeyTree,
} from "../key-tree.ts";
import { configSchema } from "../schema/config.ts";

/** One flag in one word, `--server.port=8000`, whose value its key takes more often than not. */
export const randomFlag: fc.Arbitrary<string> = fc
  .constantFrom(...leavesOf(makeKeyTree(configSchema)))
  .chain((node) => valueOf(node).map((value) => `--${node.path.join(".")}=${value}`));

/** A few flags; many such lists are configurations that are taken. */
export const randomFlags: fc.Arbitrary<readonly string[]> = fc.array(randomFlag, { maxLength: 6 });

function leavesOf(node: KeyNode): readonly (KeyLeaf | KeyMap)[] {
  if (node.kind !== "table") return [node];
  return tablesOf(node).flatMap((table) => [...table.keys.values()].flatMap(leavesOf));
}

function tablesOf(table: KeyTable): readonly KeyTable[] {
  return table.variants === undefined ? [table] : [...table.variants.tables.values(), table];
}

const texts = ["a", "x y", 'q"\\', "ü", "0.22.1", "1:00:00", "/p", "NixlConnector", "None"];
const numbers = ["0", "1", "2", "4", "8", "0.5", "16", "64", "1000", "20_000", "65_536", "1e300"];

function valueOf(node: KeyLeaf | KeyMap): fc.Arbitrary<string> {
  if (node.kind === "map") return mapValue(node);
  const none = node.nullable ? ["None"] : [];
  if (node.type === "list") {
    const element =
      node.elementType === "number" ? fc.constantFrom(0, 1, 2, 3) : fc.constantFrom(...texts);
    return fc.array<number | string>(element, { maxLength: 3 }).map((list) => JSON.stringify(list));
  }
  if (node.choices.length > 0) return fc.constantFrom(...node.choices, ...none);
  if (node.type === "boolean") return fc.constantFrom("true", "false", ...none);
  return fc.constantFrom(...(node.type === "number" ? numbers : texts), ...none);
}

function mapValue({ valueType }: KeyMap): fc.Arbitrary<string> {
  const name = fc.constantFrom("A", "queue-scorer", "a.b", "toString");
  if (valueType === "any")
    return fc.dictionary(name, fc.jsonValue({ maxDepth: 2 })).map((table) => JSON.stringify(table));
  const value = valueType === "number" ? fc.constantFrom(0, 1, 2.5) : fc.constantFrom(...texts);
  return fc.dictionary(name, value as fc.Arbitrary<unknown>).map((table) => JSON.stringify(table));
}
