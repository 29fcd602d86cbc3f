import { z } from "zod";

/** One key of the configuration, as the readers of files and flags need to know it. */
export interface KeyLeaf {
  readonly kind: "leaf";
  /** Where it stands in the configuration. */
  readonly path: readonly string[];
  readonly type: ScalarType | "list";
  /** Type of a list's elements; otherwise the leaf's own. */
  readonly elementType: ScalarType;
  readonly nullable: boolean;
  /** The words it takes, where they are a closed set. */
  readonly choices: readonly string[];
  readonly schema: z.ZodType;
}

export type ScalarType = "boolean" | "number" | "text";

/** A section: keys by their names. */
export interface KeyTable {
  readonly kind: "table";
  readonly path: readonly string[];
  readonly keys: ReadonlyMap<string, KeyNode>;
  /** Other names under which files and flags reach keys. */
  readonly aliases: ReadonlyMap<string, KeyAlias>;
  /** The key that a bare value in place of the section stands for. */
  readonly shorthand: string | undefined;
  /** An optional section is off until something in it is set. */
  readonly nullable: boolean;
  /** Where one key tells which others there are. */
  readonly variants: KeyVariants | undefined;
  /** Keys that are not known belong to somebody else and are left alone. */
  readonly isOpen: boolean;
}

/** A section whose keys depend on one of them: `type`. The section's `keys` are those of all variants together. */
export interface KeyVariants {
  readonly discriminator: string;
  readonly tables: ReadonlyMap<string, KeyTable>;
  readonly defaultName: string;
}

/** A section with keys of the user's choice. */
export interface KeyMap {
  readonly kind: "map";
  readonly path: readonly string[];
  /** `any` takes whatever JSON can hold, tables within tables included. */
  readonly valueType: ScalarType | "any";
  /** Of the section as a whole. */
  readonly schema: z.ZodType;
  /** True below the section itself, where a value need not be a table. */
  readonly isEntry: boolean;
}

export type KeyNode = KeyLeaf | KeyTable | KeyMap;

export interface KeyAlias {
  readonly node: KeyNode;
  /** Whose name it is, where the user should hear of ours. */
  readonly owner?: string;
  /** Turns what is written into the key's value; undefined where there is nothing for us. */
  readonly read?: (value: unknown) => unknown;
  /** Why the key must not be named like this. */
  readonly mistake?: string;
}

/** Turns the schema of the configuration into the tree of its keys. */
export function makeKeyTree(schema: z.ZodObject): KeyTable {
  return makeTable(schema, { path: [], shorthand: undefined, nullable: false });
}

/** A key below a node, under any spelling of its name: `max-model-len` is `max_model_len`. */
export function findKey(node: KeyNode, written: string): KeyAlias | undefined {
  if (node.kind === "leaf" || isUnsafeName(written)) return undefined;
  if (node.kind === "map") return findEntry(node, written);
  const name = written.replaceAll("-", "_");
  const key = node.keys.get(name);
  return key === undefined ? node.aliases.get(name) : { node: key };
}

/** Names that no file may use either, as they would reach for prototypes. */
export function isUnsafeName(name: string): boolean {
  return name === "__proto__" || name === "constructor";
}

/** Every key of the tree as a dotted path, sections included, in the schema's order. */
export function listKeyPaths(table: KeyTable): readonly string[] {
  return [...table.keys.values()].flatMap((node) => {
    const path = node.path.join(".");
    return node.kind === "table" ? [path, ...listKeyPaths(node)] : [path];
  });
}

/** Names under a free section are somebody else's: they are taken as written. */
function findEntry(map: KeyMap, name: string): KeyAlias | undefined {
  const path = [...map.path, name];
  const { valueType } = map;
  if (valueType === "any") return { node: { ...map, path, isEntry: true } };
  const { schema } = map;
  return {
    node: {
      kind: "leaf",
      path,
      type: valueType,
      elementType: valueType,
      nullable: false,
      choices: [],
      schema: entrySchema(schema, name),
    },
  };
}

/** What one entry of a record takes: its name and its value are checked together. */
function entrySchema(record: z.ZodType, name: string): z.ZodType {
  const { inner } = unwrap(record);
  if (!(inner instanceof z.ZodRecord)) throw new TypeError("A free section has a record's schema");
  const value = inner.valueType as z.ZodType;
  return (inner.keyType as z.ZodType).safeParse(name).success ? value : z.never().meta(badName);
}

const badName = { expected: "another name" };

interface Place {
  readonly path: readonly string[];
  readonly shorthand: string | undefined;
  readonly nullable: boolean;
}

function makeTable(schema: z.ZodObject, place: Place): KeyTable {
  const entries = Object.entries(schema.shape).map(
    ([name, child]) => [name, makeNode(child as z.ZodType, [...place.path, name])] as const,
  );
  return { ...plainTable, ...place, keys: new Map(entries) };
}

const plainTable = {
  kind: "table",
  aliases: new Map(),
  variants: undefined,
  isOpen: false,
} as const;

function makeNode(schema: z.ZodType, path: readonly string[]): KeyNode {
  const { inner, nullable } = unwrap(schema);
  const place = { path, shorthand: shorthandOf(schema), nullable };
  if (inner instanceof z.ZodObject) return makeTable(inner, place);
  if (inner instanceof z.ZodDiscriminatedUnion)
    return makeUnion(inner, place, schema.meta()?.description ?? "");
  if (inner instanceof z.ZodRecord) return makeMap(inner, schema, path);
  return makeLeaf(schema, path);
}

function makeLeaf(schema: z.ZodType, path: readonly string[]): KeyLeaf {
  const { inner, nullable } = unwrap(schema);
  const isList = inner instanceof z.ZodArray;
  const element = isList ? unwrap(inner.element as z.ZodType).inner : inner;
  const elementType = scalarType(element);
  const isClosed = element instanceof z.ZodEnum || element instanceof z.ZodLiteral;
  const choices = !isClosed ? [] : element instanceof z.ZodEnum ? element.options : element.values;
  return {
    kind: "leaf",
    path,
    type: isList ? "list" : elementType,
    elementType,
    nullable,
    choices: [...choices].map(String),
    schema,
  };
}

function makeMap(record: z.ZodRecord, schema: z.ZodType, path: readonly string[]): KeyMap {
  const { inner } = unwrap(record.valueType as z.ZodType);
  const isScalar = inner instanceof z.ZodString || inner instanceof z.ZodNumber;
  return {
    kind: "map",
    path,
    valueType: isScalar ? scalarType(inner) : "any",
    schema,
    isEntry: false,
  };
}

/** The first variant is the default one. A key that several variants have is shown as the first one has it. */
function makeUnion(union: z.ZodDiscriminatedUnion, place: Place, description: string): KeyTable {
  const { discriminator } = union.def;
  const named = union.options.map((option) => {
    const table = makeTable(option as z.ZodObject, place);
    const type = table.keys.get(discriminator);
    if (type?.kind !== "leaf") throw new TypeError(`No key "${discriminator}" in a variant`);
    return [type.choices[0]!, table] as const;
  });
  const keys = new Map<string, KeyNode>();
  for (const [, table] of named)
    for (const [name, node] of table.keys) if (!keys.has(name)) keys.set(name, node);
  const names = named.map(([name]) => name);
  keys.set(discriminator, makeLeaf(typeKey(names, description), [...place.path, discriminator]));
  const variants = { discriminator, tables: new Map(named), defaultName: names[0]! };
  return { ...plainTable, ...place, keys, variants };
}

function typeKey(names: readonly string[], description: string): z.ZodType {
  return z.enum(names).default(names[0]!).meta({ description });
}

/** Takes off what wraps the schema that says the type: default values and "or null". */
function unwrap(schema: z.ZodType): { readonly inner: z.ZodType; readonly nullable: boolean } {
  let inner = schema;
  let nullable = false;
  while (
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodNullable
  ) {
    nullable ||= inner instanceof z.ZodNullable;
    inner = inner.unwrap() as z.ZodType;
  }
  return { inner, nullable };
}

function scalarType(schema: z.ZodType): ScalarType {
  if (schema instanceof z.ZodBoolean) return "boolean";
  return schema instanceof z.ZodNumber ? "number" : "text";
}

function shorthandOf(schema: z.ZodType): string | undefined {
  const shorthand = schema.meta()?.["shorthand"];
  return typeof shorthand === "string" ? shorthand : undefined;
}
