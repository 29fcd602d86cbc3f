import { z } from "zod";

/** What an RL file around the deployment says that concerns inference; standalone files have no need of it. */
export const rlSchema = z.strictObject({
  deployment_type: z.enum(["single_node", "multi_node"]).nullable().default(null).meta({
    description: "Shape of the RL run as a whole: [deployment] type in an RL file.",
  }),
  num_train_nodes: z.int().min(0).max(65_536).nullable().default(null).meta({
    unit: "nodes",
    description: "Nodes of the trainer, which Penstock does not start.",
  }),
  num_infer_nodes: z.int().min(0).max(65_536).nullable().default(null).meta({
    unit: "nodes",
    description: "Nodes of one inference replica; must be what the deployment needs.",
  }),
  enable_router_replay: z.boolean().default(false).meta({
    description: "The trainer replays the routing of experts, so answers must return it.",
  }),
  max_inflight_requests: z.int().min(1).max(10_000_000).nullable().default(null).meta({
    unit: "requests",
    description: "Requests that the orchestrator keeps under way.",
  }),
  max_async_level: z.int().min(0).max(1000).nullable().default(null).meta({
    unit: "steps",
    description: "Steps that rollouts may lag behind the trainer's weights.",
  }),
  env_num_workers: z.int().min(1).max(100_000).nullable().default(null).meta({
    unit: "processes",
    description: "Workers of the environments; the fewest where several are configured.",
  }),
  elastic: z.boolean().default(false).meta({
    description: "The orchestrator finds inference servers by itself.",
  }),
  extra_headers_from_state: z
    .record(z.string().min(1), z.string().min(1))
    .default({ "X-Session-ID": "trajectory_id" })
    .meta({
      unit: "field by header",
      description: "Headers that the orchestrator fills from a rollout's state.",
    }),
});
