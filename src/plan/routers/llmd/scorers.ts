/** Weight by scorer; scores lie in 0..1, are multiplied by their weights and summed. */
export type ScorerWeights = Readonly<Record<string, number>>;

/**
 * Scorers of the endpoint picker that need nothing but their name. The value says how stable llm-d calls them: `alpha`
 * ones load only with `--allow-experimental-plugins`.
 */
export const llmdScorers: Readonly<Record<string, "beta" | "alpha">> = {
  "active-request-scorer": "beta",
  "kv-cache-utilization-scorer": "beta",
  "load-aware-scorer": "beta",
  "lora-affinity-scorer": "beta",
  "no-hit-lru-scorer": "beta",
  "prefix-cache-scorer": "beta",
  "queue-scorer": "beta",
  "running-requests-size-scorer": "beta",
  "session-affinity-scorer": "alpha",
  "token-load-scorer": "beta",
};

/** Scorers that the endpoint picker has, and what each would need that a deployment does not set up. */
export const llmdScorersThatNeedMore: Readonly<Record<string, string>> = {
  "context-length-aware": "labels with the context lengths of each rank",
  "latency-scorer": "the sidecars that predict latencies",
  "precise-prefix-cache-scorer": "KV events of every rank",
};

/** What llm-d's guide for prefill and decode on different ranks recommends. */
export const llmdDefaultWeights = {
  base: { "prefix-cache-scorer": 3, "active-request-scorer": 2 },
  prefill: { "queue-scorer": 2, "kv-cache-utilization-scorer": 2 },
  decode: {},
} as const satisfies Record<string, ScorerWeights>;

/** The base with the overrides merged over it. A weight of 0 takes a scorer out. */
export function mergeWeights(base: ScorerWeights, overrides: ScorerWeights): ScorerWeights {
  const merged = { ...base, ...overrides };
  return Object.fromEntries(Object.entries(merged).filter(([, weight]) => weight > 0));
}
