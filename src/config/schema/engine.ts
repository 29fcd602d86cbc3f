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
  max_num_seqs: z.int().min(1).max(65_536).nullable().default(null).meta({
    unit: "requests",
    description:
      "Requests that one rank computes in one step; None takes 64 with the embedded engine, vLLM's own choice with vLLM.",
  }),
  max_num_batched_tokens: z.int().min(1).max(1_048_576).nullable().default(null).meta({
    unit: "tokens",
    description:
      "Tokens that one rank computes in one step, longer prompts are prefilled in chunks; None takes 128 with the embedded engine, vLLM's own choice with vLLM. On a CPU a chunk is the longest pause of the running streams, and chunks of more than 128 tokens are prefilled no faster.",
  }),
  block_size: z.int().min(1).max(256).nullable().default(null).meta({
    unit: "tokens",
    description:
      "Tokens per block of the KV cache; None takes 16 with the embedded engine, vLLM's own choice with vLLM.",
  }),
  enable_chunked_prefill: z.boolean().nullable().default(null).meta({
    description: "Prefill long prompts in chunks; None leaves it to the engine, which does.",
  }),
  enable_prefix_caching: z.boolean().nullable().default(null).meta({
    description:
      "Reuse the KV cache of a prompt's known beginning; None leaves it to the engine, which does where it can.",
  }),
  gpu_memory_utilization: z.number().gt(0).max(1).default(0.9).meta({
    expected: "a number above 0 and up to 1",
    unit: "share of GPU memory",
    description: "Share of each GPU's memory that vLLM may take for weights and KV cache.",
  }),
  kv_cache_memory_bytes: z.int().min(1).nullable().default(null).meta({
    unit: "bytes",
    description:
      "Memory of one rank's KV cache; None takes what gpu_memory_utilization leaves, with the embedded engine room for max_num_seqs full sequences, at most 1 GiB.",
  }),
  kv_cache_dtype: z
    .enum([
      "auto",
      "float16",
      "bfloat16",
      "fp8",
      "fp8_e4m3",
      "fp8_e5m2",
      "fp8_inc",
      "fp8_ds_mla",
      "nvfp4",
    ])
    .default("auto")
    .meta({ description: "How the KV cache is kept; auto follows model.dtype. vLLM only." }),
  api_server_count: z.int().min(1).max(1024).nullable().default(null).meta({
    unit: "processes",
    description:
      "Processes that answer HTTP in one vLLM server; None takes one for each rank that the server computes.",
  }),
  enable_return_routed_experts: z.boolean().default(false).meta({
    description:
      "Return which experts each token went to, so that a trainer can replay the routing; makes answers much larger.",
  }),
} as const;
