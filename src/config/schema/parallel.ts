import { z } from "zod";

/** Ranks of one instance: what the largest number of nodes with the most GPUs holds. */
export const dpMax = 65_536;

export const parallelSchema = z.strictObject({
  tp: z.int().min(1).max(64).default(1).meta({
    unit: "GPUs",
    description: "Tensor-parallel size: GPUs that compute one rank; the embedded engine takes 1.",
  }),
  dp: z.int().min(1).max(dpMax).default(1).meta({
    unit: "ranks",
    description:
      "Data-parallel ranks of one instance; each is a server of its own behind the router.",
  }),
  dp_local: z.int().min(1).max(64).nullable().default(null).meta({
    unit: "ranks",
    description: "Ranks of one instance on each node; None shares dp equally among its nodes.",
  }),
  data_parallel_rpc_port: z.int().min(1).max(65_535).default(29_550).meta({
    unit: "TCP port",
    description: "Port on an instance's first node where its data-parallel ranks meet.",
  }),
});
