import { z } from "zod";

export const parallelSchema = z.strictObject({
  tp: z.int().min(1).max(1024).default(1).meta({
    unit: "GPUs",
    description: "Tensor-parallel size of one rank; the embedded engine takes 1.",
  }),
  dp: z.int().min(1).max(1024).default(1).meta({
    unit: "ranks",
    description: "Data-parallel ranks behind the router, each a server of its own.",
  }),
});
