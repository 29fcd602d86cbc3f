import { z } from "zod";

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly expected?: string;
}

/** What a key takes, in words: `a whole number from 1 to 65535`, `one of "auto", "embedded"`. */
export function describeExpectation(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
  const text = describe(json);
  const leavesNoneOut = schema.safeParse(null).success && !text.endsWith(none);
  return leavesNoneOut ? `${text} or ${none}` : text;
}

const none = '"None"';

function describe(schema: JsonSchema): string {
  if (schema.expected !== undefined) return schema.expected;
  if (schema.anyOf !== undefined) return schema.anyOf.map(describe).join(" or ");
  if (schema.enum !== undefined) {
    const names = schema.enum.map((name) => `"${name}"`).join(", ");
    return schema.enum.length === 1 ? names : `one of ${names}`;
  }
  const { type } = schema;
  if (typeof type === "object")
    return type.map((one) => describe({ ...schema, type: one })).join(" or ");
  switch (type) {
    case "boolean":
      return "true or false";
    case "integer":
      return `a whole number${describeRange(schema)}`;
    case "number":
      return `a number${describeRange(schema)}`;
    case "array":
      return describeList(schema);
    case "object":
      return describeTable(schema);
    case "null":
      return none;
    default:
      return schema.minLength === undefined ? "text" : "text that is not empty";
  }
}

function describeList({ items, maxItems }: JsonSchema): string {
  const limit = maxItems === undefined ? "" : ` of at most ${maxItems} entries`;
  return `a list${limit}, each ${items === undefined ? "a value" : describe(items)}`;
}

function describeTable({ additionalProperties }: JsonSchema): string {
  const type = additionalProperties?.type;
  if (type === "string") return "a table of texts";
  return type === "number" ? "a table of numbers" : "a table of JSON values";
}

function describeRange({ minimum, maximum }: JsonSchema): string {
  const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  const hasStart = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER;
  if (hasStart && isBounded) return ` from ${minimum} to ${maximum}`;
  if (hasStart) return ` of at least ${minimum}`;
  return isBounded ? ` of at most ${maximum}` : "";
}
