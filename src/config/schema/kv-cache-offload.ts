import { z } from "zod";
import { path } from "./scalars.ts";

/** A second home for KV blocks that the GPU has no room for. */
export const kvCacheOffloadSchema = z.strictObject({
  type: z.enum(["native", "mooncake"]).default("native").meta({
    description:
      "Where blocks go: native keeps them beside each instance, mooncake pools the memory of all inference nodes under Slurm.",
  }),
  cpu: z
    .strictObject({
      num_bytes: z.int().min(1).meta({
        unit: "bytes",
        description:
          "Memory for KV blocks: of one instance with native, of each node with mooncake.",
      }),
    })
    .nullable()
    .default(null)
    .meta({ description: "Blocks in the memory of the CPU; every offload needs it." }),
  disk: z
    .strictObject({
      path: path.meta({
        description: "Directory on each node for blocks that leave the memory of the CPU.",
      }),
    })
    .nullable()
    .default(null)
    .meta({ description: "Blocks on disk, behind those in the memory of the CPU." }),
  protocol: z.enum(["rdma", "tcp"]).default("rdma").meta({
    description: "How mooncake moves blocks between nodes.",
  }),
  device_name: z.string().default("").meta({
    description: "Network devices that mooncake uses, separated by commas; empty takes all.",
  }),
});
