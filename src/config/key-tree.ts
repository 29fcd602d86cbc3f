import { z } from "zod";

/** One key of the configuration, as the readers of files and flags need to know it. */
export interface KeyLeaf {
  readonly kind: "leaf";
  readonly type: "boolean" | "number" | "text" | "list";
  /** Type of a list's elements; otherwise the leaf's own. */
  readonly elementType: "boolean" | "number" | "text";
  readonly nullable: boolean;
  /** The words it takes, where they are a closed set. */
  readonly choices: readonly string[];
  readonly schema: z.ZodType;
}

/** A section: keys by their names. */
export interface KeyTable {
  readonly kind: "table";
  readonly keys: ReadonlyMap<string, KeyNode>;
  /** The key that a bare value in place of the section stands for. */
  readonly shorthand: string | undefined;
}

export type KeyNode = KeyLeaf | KeyTable;

/** Turns the schema of the configuration into the tree of its keys. */
export function makeKeyTree(schema: z.ZodObject): KeyTable {
  return makeTable(schema, undefined);
}

/** The key's node under any spelling of its name: `max-model-len` is `max_model_len`. */
export function findKey(table: KeyTable, written: string): readonly [string, KeyNode] | undefined {
  const name = written.replaceAll("-", "_");
  const node = table.keys.get(name);
  return node === undefined ? undefined : [name, node];
}

/** Every key of the tree as a dotted path, sections included, in the schema's order. */
export function listKeyPaths(table: KeyTable, parent: readonly string[] = []): readonly string[] {
  return [...table.keys].flatMap(([name, node]) => {
    const path = [...parent, name];
    return node.kind === "leaf" ? [path.join(".")] : [path.join("."), ...listKeyPaths(node, path)];
  });
}

function makeTable(schema: z.ZodObject, shorthand: string | undefined): KeyTable {
  const entries = Object.entries(schema.shape).map(
    ([name, child]) => [name, makeNode(child as z.ZodType)] as const,
  );
  return { kind: "table", keys: new Map(entries), shorthand };
}

function makeNode(schema: z.ZodType): KeyNode {
  const { inner, nullable } = unwrap(schema);
  if (inner instanceof z.ZodObject) return makeTable(inner, shorthandOf(schema));
  const isList = inner instanceof z.ZodArray;
  const element = isList ? unwrap(inner.element as z.ZodType).inner : inner;
  const elementType = scalarType(element);
  return {
    kind: "leaf",
    type: isList ? "list" : elementType,
    elementType,
    nullable,
    choices: element instanceof z.ZodEnum ? element.options.map(String) : [],
    schema,
  };
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

function scalarType(schema: z.ZodType): "boolean" | "number" | "text" {
  if (schema instanceof z.ZodBoolean) return "boolean";
  return schema instanceof z.ZodNumber ? "number" : "text";
}

function shorthandOf(schema: z.ZodType): string | undefined {
  const shorthand = schema.meta()?.["shorthand"];
  return typeof shorthand === "string" ? shorthand : undefined;
}
