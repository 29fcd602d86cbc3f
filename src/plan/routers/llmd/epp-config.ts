import { mergeWeights, type ScorerWeights } from "./scorers.ts";

export interface EppConfigOptions {
  /** Where the endpoints file lies; the endpoint picker wants an absolute path. */
  readonly endpointsPath: string;
  readonly isDisaggregated: boolean;
  /** Scorers of every profile. */
  readonly scorers: ScorerWeights;
  readonly prefillScorerOverrides: ScorerWeights;
  readonly decodeScorerOverrides: ScorerWeights;
  /** With fewer prompt tokens than this outside the decode rank's cache, decode prefills itself; 0 always does. */
  readonly nonCachedTokens: number;
}

interface PluginSpec {
  readonly type: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

interface Profile {
  readonly name: string;
  readonly filter: string | null;
  readonly weights: ScorerWeights;
}

const picker = "max-score-picker";
const decider = "prefix-based-pd-decider";

/**
 * Parsers of request bodies, asked in this order. They are listed because `vllmhttp-parser`, which token-in requests
 * need, turns away every path but its own; whatever none of them claims goes to any rank.
 */
const parsers = ["openai-parser", "anthropic-parser", "vllmhttp-parser", "passthrough-parser"];

/**
 * The EndpointPickerConfig of llm-d (`epp --config-file`). Ranks come from the endpoints file, which makes the endpoint
 * picker do without Kubernetes; edits of that file take effect at once.
 */
export function eppConfig(options: EppConfigOptions): object {
  const profiles = profilesOf(options);
  return {
    apiVersion: "llm-d.ai/v1alpha1",
    kind: "EndpointPickerConfig",
    plugins: pluginsOf(options, profiles),
    schedulingProfiles: profiles.map(toSchedulingProfile),
    dataLayer: { discovery: { pluginRef: "file-discovery" } },
    requestHandler: { parsers: parsers.map((pluginRef) => ({ pluginRef })) },
  };
}

function profilesOf(options: EppConfigOptions): readonly Profile[] {
  const { scorers, prefillScorerOverrides, decodeScorerOverrides } = options;
  if (!options.isDisaggregated)
    return [{ name: "default", filter: null, weights: mergeWeights(scorers, {}) }];
  return [
    {
      name: "prefill",
      filter: "prefill-filter",
      weights: mergeWeights(scorers, prefillScorerOverrides),
    },
    {
      name: "decode",
      filter: "decode-filter",
      weights: mergeWeights(scorers, decodeScorerOverrides),
    },
  ];
}

/** Every plugin is named by its type, so each is listed once, however many profiles refer to it. */
function pluginsOf(options: EppConfigOptions, profiles: readonly Profile[]): readonly PluginSpec[] {
  const filters = profiles.flatMap(({ filter }) => (filter === null ? [] : [filter]));
  const scorers = new Set(profiles.flatMap(({ weights }) => Object.keys(weights)));
  return [
    { type: "file-discovery", parameters: { path: options.endpointsPath, watchFile: true } },
    ...parsers.map(ofType),
    // Prefix hits for the scorer and for the decider, requests in flight for active-request-scorer.
    ...["approx-prefix-cache-producer", "inflight-load-producer"].map(ofType),
    ...filters.map(ofType),
    ...[...scorers].map(ofType),
    { type: picker },
    ...profileHandlers(options),
  ];
}

function profileHandlers(options: EppConfigOptions): readonly PluginSpec[] {
  if (!options.isDisaggregated) return [{ type: "single-profile-handler" }];
  return [
    { type: decider, parameters: { nonCachedTokens: options.nonCachedTokens } },
    { type: "disagg-profile-handler", parameters: { deciders: { prefill: decider } } },
  ];
}

function ofType(type: string): PluginSpec {
  return { type };
}

function toSchedulingProfile({ name, filter, weights }: Profile): object {
  const scorers = Object.entries(weights).map(([pluginRef, weight]) => ({ pluginRef, weight }));
  return {
    name,
    plugins: [
      ...(filter === null ? [] : [{ pluginRef: filter }]),
      ...scorers,
      { pluginRef: picker },
    ],
  };
}
