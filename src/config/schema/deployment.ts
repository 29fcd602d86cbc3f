import { z } from "zod";
import { dpMax } from "./parallel.ts";
import { roleKeys } from "./roles.ts";
import { port } from "./scalars.ts";

const nodeCount = z.int().min(1).max(1024);

/** What every shape has. */
const commonKeys = {
  num_replicas: z.int().min(1).max(1024).default(1).meta({
    unit: "replicas",
    description:
      "Full copies of the deployment, each on nodes of its own behind a router of its own; num_infer_replicas in an RL file.",
  }),
  backend_port: port.nullable().default(null).meta({
    unit: "TCP port",
    description: "Port of a node's first rank, the next ones follow; None takes server.port + 100.",
  }),
  max_restarts: z.int().min(0).max(1000).default(5).meta({
    unit: "restarts",
    description:
      "Times within ten minutes that a process which was ready is started again when it ends by itself; one more end takes the deployment down, as does any end of a rank that meets others.",
  }),
} as const;

/** GPUs that a node is taken to have where nobody has counted them. */
export const gpusPerNodeUsual = 8;

const gpusPerNode = z.int().min(1).max(64);

const singleNode = z.strictObject({
  type: z.literal("single_node"),
  gpus_per_node: gpusPerNode.nullable().default(null).meta({
    unit: "GPUs",
    description: "GPUs that the deployment may use; None takes those that are found.",
  }),
  ...commonKeys,
});

const multiNode = z.strictObject({
  type: z.literal("multi_node"),
  num_nodes: nodeCount.default(2).meta({
    unit: "nodes",
    description:
      "Nodes of one replica: an instance on each, or one instance over all of them with enable_expert_parallel.",
  }),
  gpus_per_node: gpusPerNode
    .nullable()
    .default(null)
    .meta({
      unit: "GPUs",
      description: `GPUs of each node; None takes ${gpusPerNodeUsual}, and asks Slurm for those that are used. The embedded engine needs none: it takes one rank a node unless they are counted here.`,
    }),
  ...commonKeys,
});

const disaggregated = z.strictObject({
  type: z.literal("disaggregated"),
  num_prefill_nodes: nodeCount.default(1).meta({
    unit: "nodes",
    description: "Nodes of one prefill instance.",
  }),
  num_decode_nodes: nodeCount.default(1).meta({
    unit: "nodes",
    description: "Nodes of one decode instance.",
  }),
  num_prefill_replicas: nodeCount.default(1).meta({
    unit: "instances",
    description: "Prefill instances of one replica.",
  }),
  num_decode_replicas: nodeCount.default(1).meta({
    unit: "instances",
    description: "Decode instances of one replica.",
  }),
  gpus_per_node: gpusPerNode
    .nullable()
    .default(null)
    .meta({
      unit: "GPUs",
      description: `GPUs of each node; None takes ${gpusPerNodeUsual}, and asks Slurm for those that are used. The embedded engine needs none: it takes one rank a node unless they are counted here.`,
    }),
  prefill_dp: z.int().min(1).max(dpMax).nullable().default(null).meta({
    unit: "ranks",
    description:
      "Data-parallel ranks of one prefill instance; None takes parallel.dp where that is set, otherwise as many as its GPUs hold.",
  }),
  decode_dp: z.int().min(1).max(dpMax).nullable().default(null).meta({
    unit: "ranks",
    description:
      "Data-parallel ranks of one decode instance; None takes parallel.dp where that is set, otherwise as many as its GPUs hold.",
  }),
  ...roleKeys,
  ...commonKeys,
});

/** The shape of the deployment, told apart by `type`. */
export const deploymentSchema = z
  .discriminatedUnion("type", [singleNode, multiNode, disaggregated])
  .prefault({ type: "single_node" })
  .meta({
    description:
      "Shape of the deployment: everything on one node, instances on several nodes, or prefill and decode on nodes of their own.",
  });
