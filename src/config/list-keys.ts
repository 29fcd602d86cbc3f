import { describeExpectation } from "./expectation.ts";
import { type KeyTable, makeKeyTree } from "./key-tree.ts";
import { configSchema } from "./schema/config.ts";

/** One key of the configuration, as people read about it. */
export interface KeyDescription {
  /** Dotted path: "server.port". */
  readonly path: string;
  /** What it takes, in words. */
  readonly expected: string;
  readonly defaultValue: unknown;
  readonly unit: string | undefined;
  /** One sentence. */
  readonly description: string;
}

/** Every key there is, in the order of the schema. */
export function listKeys(): readonly KeyDescription[] {
  return describeTable(makeKeyTree(configSchema), []);
}

function describeTable(table: KeyTable, parent: readonly string[]): readonly KeyDescription[] {
  return [...table.keys].flatMap(([name, node]) => {
    const path = [...parent, name];
    if (node.kind === "table") return describeTable(node, path);
    const { description = "", unit } = node.schema.meta() ?? {};
    return [
      {
        path: path.join("."),
        expected: describeExpectation(node.schema),
        defaultValue: node.schema.parse(undefined),
        unit: typeof unit === "string" ? unit : undefined,
        description,
      },
    ];
  });
}
