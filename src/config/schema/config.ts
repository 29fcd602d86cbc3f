import { z } from "zod";
import type { DeepReadonly } from "../../base/mod.ts";
import { deploymentSchema } from "./deployment.ts";
import { embeddedSchema } from "./embedded.ts";
import { engineKeys } from "./engine.ts";
import { expertParallelKeys } from "./expert-parallel.ts";
import { kvCacheOffloadSchema } from "./kv-cache-offload.ts";
import { kvTransferSchema } from "./kv-transfer.ts";
import { logSchema } from "./log.ts";
import { loraKeys } from "./lora.ts";
import { modelSchema } from "./model.ts";
import { parallelSchema } from "./parallel.ts";
import { pdDisaggSchema } from "./pd-disagg.ts";
import { rlSchema } from "./rl.ts";
import { routerSchema } from "./router.ts";
import { serverSchema } from "./server.ts";
import { slurmSchema } from "./slurm.ts";
import { vllmKeys } from "./vllm.ts";
import { weightBroadcastSchema } from "./weight-broadcast.ts";

/**
 * The whole configuration, one file a section. Each key carries its default and, as zod metadata, its
 * `description`, its `unit` where it has one, and `expected` where the type alone does not say it. A section's
 * `shorthand` is the key that a bare value stands for: `model = "X"` is `[model] name = "X"`. A section that
 * may be null is off until a file or a flag names it.
 */
export const configSchema = z.strictObject({
  model: modelSchema.prefault({}).meta({ shorthand: "name" }),
  server: serverSchema.prefault({}),
  parallel: parallelSchema.prefault({}),
  deployment: deploymentSchema,
  router: routerSchema,
  ...engineKeys,
  ...loraKeys,
  ...expertParallelKeys,
  kv_cache_offload: kvCacheOffloadSchema.nullable().default(null),
  kv_transfer: kvTransferSchema.nullable().default(null),
  pd_disagg: pdDisaggSchema.nullable().default(null),
  weight_broadcast: weightBroadcastSchema.prefault({}),
  ...vllmKeys,
  launch: z.enum(["local", "slurm"]).nullable().default(null).meta({
    description:
      "Where the processes start: all on this machine, each node of the deployment as an address of its own, or on the nodes of a Slurm job; None takes slurm where [slurm] is there, else local.",
  }),
  slurm: slurmSchema.nullable().default(null),
  rl: rlSchema.prefault({}),
  embedded: embeddedSchema.prefault({}),
  log: logSchema.prefault({}),
  output_dir: z.string().min(1).default("outputs").meta({
    description:
      "Directory that takes everything the deployment writes: logs, one folder an attempt.",
  }),
  dry_run: z.boolean().default(false).meta({
    description: "Write the plan and start nothing.",
  }),
});

/** The checked configuration, deeply frozen; keys are called what the files call them. */
export type Config = DeepReadonly<z.output<typeof configSchema>>;
