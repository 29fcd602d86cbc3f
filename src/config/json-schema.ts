import { isTable } from "../base/mod.ts";
import { z } from "zod";
import { configSchema } from "./schema/config.ts";

/** A JSON Schema, as editors read it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of a configuration file in either form, for completion in editors through a `#:schema` line.
 * Names of vLLM, which files may use too, are not in it: an editor shall offer ours.
 */
export function configJsonSchema(): JsonSchema {
  const config = z.toJSONSchema(configSchema, {
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema }) => adapt(jsonSchema as Draft),
  }) as Draft;
  const { $schema, $defs, ...standalone } = config;
  addOtherNames(standalone);
  return {
    $schema,
    title: "Penstock configuration",
    anyOf: [{ $ref: "#/$defs/standalone" }, { $ref: "#/$defs/rl" }],
    $defs: { ...($defs as Draft | undefined), standalone, rl: rlSchema },
  };
}

/** A schema that may still be written to. */
type Draft = Record<string, unknown>;

/** A file of an RL run holds more sections than ours, but inference has one that is all ours. */
const rlSchema: JsonSchema = {
  type: "object",
  required: ["inference"],
  properties: { inference: { $ref: "#/$defs/standalone" } },
};

/** Says what TOML can say: null is written "None", and a section tells by itself which variant it is. */
function adapt(schema: Draft): void {
  if (Array.isArray(schema["oneOf"])) {
    schema["anyOf"] = schema["oneOf"];
    delete schema["oneOf"];
  }
  if (Array.isArray(schema["anyOf"]))
    schema["anyOf"] = schema["anyOf"].map((branch: unknown) =>
      isTable(branch) && branch["type"] === "null" ? { const: "None" } : branch,
    );
  if (schema["default"] === null) schema["default"] = "None";
  if (typeof schema["description"] === "string" && typeof schema["unit"] === "string")
    schema["description"] += ` Unit: ${schema["unit"]}.`;
  const { required } = schema;
  if (Array.isArray(required)) schema["required"] = required.filter((key) => key !== "type");
  if (typeof schema["shorthand"] === "string") takeShorthand(schema);
  for (const name of ["unit", "expected", "shorthand"]) delete schema[name];
}

function takeShorthand(schema: Draft): void {
  const { type, properties, additionalProperties } = schema;
  schema["anyOf"] = [{ type: "string" }, { type, properties, additionalProperties }];
  for (const name of ["type", "properties", "additionalProperties"]) delete schema[name];
}

/** Sections that have a second place. */
function addOtherNames(standalone: Draft): void {
  const properties = standalone["properties"] as Draft;
  const { deployment, router } = properties as { deployment: Draft; router: unknown };
  const variants = deployment["anyOf"] as readonly Draft[];
  for (const variant of variants) {
    const keys = variant["properties"] as Draft;
    keys["router"] = router;
    keys["num_infer_replicas"] = keys["num_replicas"];
  }
}
