import { z } from "zod";

const policyText =
  "How a rank is chosen: consistent_hash keeps a session (X-Session-ID) on its rank, sticky_least_loaded does too and begins it where the fewest are, round_robin takes turns, power_of_two takes the less loaded of two drawn ranks.";

const penstock = z.strictObject({
  type: z.literal("penstock"),
  policy: z
    .enum(["consistent_hash", "round_robin", "power_of_two", "sticky_least_loaded"])
    .default("consistent_hash")
    .meta({ description: policyText }),
});

const vllmRouter = z.strictObject({
  type: z.literal("vllm-router"),
  policy: z
    .enum([
      "consistent_hash",
      "round_robin",
      "random",
      "power_of_two",
      "cache_aware",
      "sticky_least_loaded",
      "kv_aware",
    ])
    .default("consistent_hash")
    .meta({ description: policyText }),
});

const scorers = z.record(z.string().min(1), z.number().min(0).max(1_000_000));

const llmD = z.strictObject({
  type: z.literal("llm-d"),
  scorers: scorers.default({ "prefix-cache-scorer": 3, "active-request-scorer": 2 }).meta({
    unit: "weight by scorer",
    description:
      "Scorers of every profile; a rank's scores are multiplied by the weights and summed.",
  }),
  prefill_scorer_overrides: scorers
    .default({ "queue-scorer": 2, "kv-cache-utilization-scorer": 2 })
    .meta({
      unit: "weight by scorer",
      description: "Scorers merged over the base when a prefill rank is chosen.",
    }),
  decode_scorer_overrides: scorers.default({}).meta({
    unit: "weight by scorer",
    description: "Scorers merged over the base when a decode rank is chosen.",
  }),
  non_cached_tokens: z.int().min(0).max(16_777_216).default(16).meta({
    unit: "tokens",
    description:
      "Prompts with fewer tokens than this outside the decode rank's cache are prefilled by the decode rank itself; 0 always does so.",
  }),
});

/** The router before the ranks, told apart by `type`; `[deployment.router]` is the same section. */
export const routerSchema = z
  .discriminatedUnion("type", [penstock, vllmRouter, llmD])
  .prefault({ type: "penstock" })
  .meta({
    description:
      "Program before the ranks: Penstock's own router, vllm-router, or llm-d with its endpoint picker and Envoy.",
  });
