import { z } from "zod";
import { headerName, path, webOrigin } from "./scalars.ts";

const policyText =
  "How a rank is chosen: consistent_hash keeps a session (X-Session-ID) on its rank, sticky_least_loaded does too and begins it where the fewest are, round_robin takes turns, power_of_two takes the less loaded of two drawn ranks.";

const penstock = z.strictObject({
  type: z.literal("penstock"),
  policy: z
    .enum(["consistent_hash", "round_robin", "power_of_two", "sticky_least_loaded"])
    .default("consistent_hash")
    .meta({ description: policyText }),
  session_headers: z.array(headerName).min(1).max(16).nullable().default(null).meta({
    description:
      "Headers that name a session, best first; None takes X-Session-ID, X-User-ID, X-Tenant-ID, X-Correlation-ID and X-Trace-ID.",
  }),
  keep_sessions: z.boolean().default(true).meta({
    description:
      "Keep where sessions are placed in output_dir, so that a restart of the router leaves them there; only sticky_least_loaded places sessions, other policies have nothing to keep.",
  }),
  threads: z.int().min(1).max(64).default(1).meta({
    unit: "threads",
    description:
      "Threads of the router that share its port, for more requests than one core takes; router.processes is the same key.",
  }),
  max_concurrent_requests: z.int().min(1).max(1_000_000).nullable().default(null).meta({
    unit: "requests",
    description: "Requests that run at once in one router; None takes 8192.",
  }),
  queue_size: z.int().min(0).max(1_000_000).nullable().default(null).meta({
    unit: "requests",
    description:
      "Requests that wait while as many run as may, one more is told to come back later; None takes 1024.",
  }),
  queue_timeout: z.int().min(1).max(86_400).nullable().default(null).meta({
    unit: "seconds",
    description: "How long such a request waits; None takes 60.",
  }),
  max_payload_size: z.int().min(1).max(1_099_511_627_776).nullable().default(null).meta({
    unit: "bytes",
    description: "Longest body of one request; None takes 268435456.",
  }),
  allowed_origins: z.array(webOrigin).max(256).default([]).meta({
    description:
      'Origins of web pages whose browsers may ask the router (CORS), ["*"] for all; empty for none.',
  }),
  drain_timeout: z.number().min(0).max(120).nullable().default(null).meta({
    unit: "seconds",
    description:
      "How long running requests may go on when the deployment stops, before the ranks are told to; None takes 1.5. Not with [slurm], which tells ranks and router to end at the same moment.",
  }),
  access_log: path.nullable().default(null).meta({
    description:
      "File that gets a JSON line for each request, - for the router's own log; behind the name comes the number of the replica where there are several.",
  }),
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
