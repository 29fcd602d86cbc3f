import { dotted } from "./dotted-path.ts";
import { describeExpectation } from "./expectation.ts";
import { type KeyLeaf, type KeyMap, type KeyTable, makeKeyTree } from "./key-tree.ts";
import { configSchema } from "./schema/config.ts";

/** One key of the configuration, as people read about it. */
export interface KeyDescription {
  /** Dotted path: "server.port". */
  readonly path: string;
  /** What it takes, in words. */
  readonly expected: string;
  /** Undefined where the section has to name a value. */
  readonly defaultValue: unknown;
  readonly unit: string | undefined;
  /** The value of another key on which this one depends: `deployment.type = "multi_node"`. */
  readonly onlyWith: string | undefined;
  /** One sentence. */
  readonly description: string;
}

/** Every key there is, in the order of the schema. Keys of a section with variants stand once for each variant. */
export function listKeys(): readonly KeyDescription[] {
  return describeTable(makeKeyTree(configSchema), undefined);
}

function describeTable(table: KeyTable, onlyWith: string | undefined): readonly KeyDescription[] {
  const { variants } = table;
  if (variants === undefined)
    return [...table.keys.values()].flatMap((node) =>
      node.kind === "table" ? describeTable(node, onlyWith) : [describeKey(node, onlyWith)],
    );
  const type = table.keys.get(variants.discriminator) as KeyLeaf;
  const own = [...variants.tables].flatMap(([name, variant]) => {
    const condition = `${dotted(type.path)} = "${name}"`;
    return describeTable(variant, condition).filter(({ path }) => path !== dotted(type.path));
  });
  return [describeKey(type, onlyWith), ...own];
}

function describeKey(node: KeyLeaf | KeyMap, onlyWith: string | undefined): KeyDescription {
  const { description = "", unit } = node.schema.meta() ?? {};
  const { success, data } = node.schema.safeParse(undefined);
  return {
    path: dotted(node.path),
    expected: describeExpectation(node.schema),
    defaultValue: success ? data : undefined,
    unit: typeof unit === "string" ? unit : undefined,
    onlyWith,
    description,
  };
}
