import { z } from "zod";

/**
 * Kernels that carry tokens to their experts. Some names belong to certain versions of vLLM only: the plan maps
 * `naive` and `pplx` to their successor, and `mori` to the names it was split into.
 */
export const all2allBackend = z.enum([
  "allgather_reducescatter",
  "deepep_high_throughput",
  "deepep_low_latency",
  "deepep_v2",
  "flashinfer_all2allv",
  "flashinfer_nvlink_one_sided",
  "flashinfer_nvlink_two_sided",
  "mori",
  "mori_high_throughput",
  "mori_low_latency",
  "naive",
  "nixl_ep",
  "pplx",
]);

const eplbSchema = z.strictObject({
  window_size: z.int().min(1).max(1_000_000).default(1000).meta({
    unit: "steps",
    description: "Steps over which the load of each expert is measured.",
  }),
  step_interval: z.int().min(1).max(10_000_000).default(3000).meta({
    unit: "steps",
    description: "Steps from one rearrangement of the experts to the next.",
  }),
  num_redundant_experts: z.int().min(0).max(65_536).default(0).meta({
    unit: "experts",
    description: "Copies of busy experts beyond one each; every copy costs GPU memory.",
  }),
  log_balancedness: z.boolean().default(false).meta({
    description: "Log how evenly the experts are loaded.",
  }),
  log_balancedness_interval: z.int().min(1).max(1_000_000).default(1).meta({
    unit: "steps",
    description: "Steps from one such log line to the next.",
  }),
  use_async: z.boolean().default(true).meta({
    description: "Move experts while requests are computed.",
  }),
  policy: z.enum(["default"]).default("default").meta({
    description: "How experts are arranged.",
  }),
  communicator: z.string().min(1).nullable().default(null).meta({
    description: "How experts travel between GPUs; None leaves the choice to vLLM.",
  }),
});

/** Expert parallelism; keys of the top level, under the names vLLM gives them. */
export const expertParallelKeys = {
  enable_expert_parallel: z.boolean().default(false).meta({
    description:
      "Spread the experts of a MoE model over the GPUs of an instance, its nodes included.",
  }),
  all2all_backend: all2allBackend.default("allgather_reducescatter").meta({
    description: "Kernels that carry tokens to their experts.",
  }),
  enable_eplb: z.boolean().default(false).meta({
    description: "Rearrange experts by their load while the deployment runs.",
  }),
  eplb_config: eplbSchema.prefault({}),
  enable_dbo: z.boolean().default(false).meta({
    description:
      "Dual batch overlap: compute one half of a batch while the other half's tokens travel.",
  }),
} as const;
