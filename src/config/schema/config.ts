import { z } from "zod";
import type { DeepReadonly } from "../../base/mod.ts";
import { embeddedSchema } from "./embedded.ts";
import { engineKeys } from "./engine.ts";
import { logSchema } from "./log.ts";
import { modelSchema } from "./model.ts";
import { parallelSchema } from "./parallel.ts";
import { routerSchema } from "./router.ts";
import { serverSchema } from "./server.ts";

/**
 * The whole configuration, one file a section. Each key carries its default and, as zod metadata, its
 * `description`, its `unit` where it has one, and `expected` where the type alone does not say it. A section's
 * `shorthand` is the key that a bare value stands for: `model = "X"` is `[model] name = "X"`.
 */
export const configSchema = z.strictObject({
  model: modelSchema.prefault({}).meta({ shorthand: "name" }),
  server: serverSchema.prefault({}),
  parallel: parallelSchema.prefault({}),
  router: routerSchema.prefault({}),
  embedded: embeddedSchema.prefault({}),
  log: logSchema.prefault({}),
  ...engineKeys,
  output_dir: z.string().min(1).default("outputs").meta({
    description:
      "Directory that takes everything the deployment writes: logs, one folder an attempt.",
  }),
  dry_run: z.boolean().default(false).meta({
    description: "Print the Plan as JSON and start nothing.",
  }),
});

/** The checked configuration, deeply frozen; keys are called what the files call them. */
export type Config = DeepReadonly<z.output<typeof configSchema>>;
