import { z } from "zod";

/** Keys of the engine that stand at the top level, under the names vLLM gives them. */
export const engineKeys = {
  engine: z.enum(["auto", "embedded", "vllm"]).default("auto").meta({
    description: "Which engine computes; auto says which one it took.",
  }),
  served_model_name: z
    .array(
      z
        .string()
        .regex(/^[^-]/)
        .max(256)
        .meta({ expected: "a name that does not begin with a dash" }),
    )
    .max(64)
    .default([])
    .meta({
      description:
        "Names that clients may put into a request, the first one is shown; empty takes model.name.",
    }),
  seed: z.int().min(0).max(4_294_967_295).default(0).meta({
    description: "Seeds the sampling of requests that bring no seed of their own.",
  }),
  max_num_seqs: z.int().min(1).max(4096).default(64).meta({
    unit: "requests",
    description: "Requests that one rank computes in one step.",
  }),
  max_num_batched_tokens: z.int().min(1).max(1_048_576).default(128).meta({
    unit: "tokens",
    description:
      "Tokens that one rank computes in one step; longer prompts are prefilled in chunks. On a CPU a chunk is the longest pause of the running streams, and chunks of more than 128 tokens are prefilled no faster.",
  }),
  block_size: z.int().min(1).max(256).default(16).meta({
    unit: "tokens",
    description: "Tokens per block of the KV cache.",
  }),
  kv_cache_memory_bytes: z.int().min(1).nullable().default(null).meta({
    unit: "bytes",
    description:
      "Memory of one rank's KV cache; None makes room for max_num_seqs full sequences, at most 1 GiB.",
  }),
} as const;
