import { isTable } from "../base/mod.ts";
import { dotted } from "./dotted-path.ts";
import { describeExpectation } from "./expectation.ts";
import type { KeyLeaf, KeyTable } from "./key-tree.ts";
import type { ConfigProblem } from "./problem.ts";
import { remove, type Settled, valueAt } from "./settle.ts";

export interface Missing {
  readonly problems: readonly ConfigProblem[];
  /** Sections that were switched off, by dotted path: whether they are there cannot be judged. */
  readonly sections: readonly string[];
}

/**
 * Reports keys without a default that an optional section lacks, and switches the section off, so that the
 * rest can be looked at. A key whose value was wrong is not missed: that was reported.
 */
export function reportMissing(
  root: KeyTable,
  settled: Settled,
  wrongPaths: ReadonlySet<string>,
): Missing {
  const problems: ConfigProblem[] = [];
  const sections: string[] = [];
  visit(root);
  return { problems, sections };

  function visit(table: KeyTable): void {
    for (const node of table.keys.values()) {
      if (node.kind !== "table" || !isTable(valueAt(settled.table, node.path))) continue;
      visit(node);
      const missing = [...node.keys.values()].filter(
        (key): key is KeyLeaf => key.kind === "leaf" && isMissing(key),
      );
      if (missing.length === 0) continue;
      for (const leaf of missing) report(node, leaf);
      sections.push(dotted(node.path));
      remove(settled, node.path);
    }
  }

  function isMissing(leaf: KeyLeaf): boolean {
    const isSet = valueAt(settled.table, leaf.path) !== undefined;
    return !isSet && !leaf.schema.safeParse(undefined).success;
  }

  function report(section: KeyTable, leaf: KeyLeaf): void {
    const path = dotted(leaf.path);
    if (wrongPaths.has(path)) return;
    const origin = settled.origins.get(dotted(section.path)) ?? { kind: "default" };
    const message = `Expected ${describeExpectation(leaf.schema)}, found none`;
    problems.push({ origin, path, message });
  }
}
