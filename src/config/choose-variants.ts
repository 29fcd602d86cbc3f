import { isTable } from "../base/mod.ts";
import { dotted } from "./dotted-path.ts";
import type { KeyLeaf, KeyTable, KeyVariants } from "./key-tree.ts";
import type { ConfigNotice } from "./notice.ts";
import { describeOrigin, type Origin } from "./origin.ts";
import type { ConfigProblem } from "./problem.ts";
import { put, remove, type Settled, valueAt } from "./settle.ts";

interface Chosen {
  readonly problems: readonly ConfigProblem[];
  readonly notices: readonly ConfigNotice[];
}

/**
 * Settles for every section with variants which one it is, and takes out what the variant does not have. A key
 * set before the file or flag that chose the variant is dropped with a notice: an overlay may change the
 * shape. Any other is a mistake, unless the variant's own name is wrong already: nobody knows what was meant.
 */
export function chooseVariants(
  root: KeyTable,
  settled: Settled,
  wrongPaths: ReadonlySet<string>,
): Chosen {
  const problems: ConfigProblem[] = [];
  const notices: ConfigNotice[] = [];
  for (const node of root.keys.values()) {
    if (node.kind !== "table" || node.variants === undefined) continue;
    const table = valueAt(settled.table, node.path);
    if (isTable(table)) chooseOne(node.path, node.variants, table);
  }
  return { problems, notices };

  function chooseOne(
    path: readonly string[],
    variants: KeyVariants,
    table: Readonly<Record<string, unknown>>,
  ): void {
    const typePath = [...path, variants.discriminator];
    const name = (table[variants.discriminator] as string | undefined) ?? variants.defaultName;
    const typeOrigin = settled.origins.get(dotted(typePath)) ?? { kind: "default" };
    if (typeOrigin.kind === "default") {
      put(settled, { path: typePath, value: name, origin: typeOrigin });
      settled.origins.delete(dotted(typePath));
    }
    const keys = variants.tables.get(name)!.keys;
    for (const [key, value] of Object.entries(table)) {
      if (key === variants.discriminator) continue;
      const leaf = keys.get(key);
      if (leaf !== undefined && takes(leaf, value)) continue;
      const keyPath = [...path, key];
      const origin = originBelow(settled, keyPath);
      const chosen = `${dotted(typePath)} = "${name}"`;
      const place = { origin, path: dotted(keyPath) };
      if (precedence(origin) < precedence(typeOrigin)) {
        const message = `dropped, as ${describeOrigin(typeOrigin, "key")} sets ${chosen}`;
        notices.push({ ...place, message });
      } else if (!wrongPaths.has(dotted(typePath)))
        problems.push({ ...place, value, message: expected(key, variants, typePath) });
      remove(settled, keyPath);
    }
  }
}

function takes(node: KeyLeaf | { readonly kind: string }, value: unknown): boolean {
  return node.kind !== "leaf" || (node as KeyLeaf).schema.safeParse(value).success;
}

/** The origin of a value, or of the first one set below it. */
function originBelow({ origins }: Settled, path: readonly string[]): Origin {
  const own = origins.get(dotted(path));
  if (own !== undefined) return own;
  const start = `${dotted(path)}.`;
  for (const [known, origin] of origins) if (known.startsWith(start)) return origin;
  return { kind: "default" };
}

function precedence(origin: Origin): number {
  if (origin.kind === "file") return origin.order;
  return origin.kind === "flag" ? 1_000_000 + origin.order : -1;
}

function expected(key: string, variants: KeyVariants, typePath: readonly string[]): string {
  const names = [...variants.tables].filter(([, table]) => table.keys.has(key));
  const list = names.map(([name]) => `"${name}"`).join(" or ");
  return `Expected only with ${dotted(typePath)} = ${list}`;
}
