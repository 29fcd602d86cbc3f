import { type Flags, toWords } from "../commands/flags.ts";
import { backendsByRole, backendUrl, isDisaggregated, type RouterBackend } from "./backend.ts";
import type { ProcessSpec } from "./process-spec.ts";
import { serverUrl } from "./server-url.ts";

/** What `vllm-router --policy` takes. `rendezvous_hash` and `smetric` are in its sources, but not in its command. */
export const vllmRouterPolicies = [
  "cache_aware",
  "consistent_hash",
  "kv_aware",
  "power_of_two",
  "random",
  "round_robin",
  "sticky_least_loaded",
] as const;

export type VllmRouterPolicy = (typeof vllmRouterPolicies)[number];

export interface VllmRouterOptions {
  readonly host: string;
  readonly port: number;
  /** Its own `/metrics`, on the loopback interface. */
  readonly prometheusPort: number;
  readonly policy: VllmRouterPolicy;
  readonly logLevel: "debug" | "info" | "warning" | "error";
  readonly backends: readonly RouterBackend[];
  /** Ranks behind each URL: above 1 the router makes `url@0 …` of it and pins requests with X-data-parallel-rank. */
  readonly ranksPerUrl: number;
  /** How prefill hands KV blocks to decode; not used where no ranks are disaggregated. */
  readonly kvConnector: "nixl" | "mooncake";
  /** How long engines may take to load the model. The router listens only once all of them are healthy. */
  readonly startTimeoutMs: number;
  /** The end of a request that does not end: above the longest generation, or healthy ranks trip their breakers. */
  readonly requestTimeoutMs: number;
}

/** Requests are told apart in its log by session, the header that `consistent_hash` goes by as well. */
const requestIdHeader = "x-session-id";

/**
 * `vllm-router` before the ranks. Its lists follow one flag (`--worker-urls a b`): a repeated flag would leave only
 * the last; `--prefill` and `--decode` are the exceptions, one URL a flag.
 */
export function vllmRouter(options: VllmRouterOptions): ProcessSpec {
  const { host, port, prometheusPort, startTimeoutMs } = options;
  const flags: Flags = {
    "--policy": options.policy,
    "--host": host,
    "--port": port,
    "--request-id-headers": requestIdHeader,
    "--prometheus-port": prometheusPort,
    "--worker-startup-timeout-secs": wholeSeconds(startTimeoutMs),
    "--request-timeout-secs": wholeSeconds(options.requestTimeoutMs),
    "--intra-node-data-parallel-size": options.ranksPerUrl > 1 ? options.ranksPerUrl : null,
    "--log-level": options.logLevel,
  };
  return {
    argv: ["vllm-router", ...toWords(flags), ...backendWords(options)],
    env: {},
    files: [],
    ports: [
      { purpose: "http", host, port },
      { purpose: "metrics", host: "127.0.0.1", port: prometheusPort },
    ],
    ready: { kind: "http", url: serverUrl(host, port, "/health"), timeoutMs: startTimeoutMs },
  };
}

function backendWords(options: VllmRouterOptions): readonly string[] {
  const { both, prefill, decode } = backendsByRole(options.backends);
  if (!isDisaggregated(options.backends)) return ["--worker-urls", ...both.map(backendUrl)];
  const isMooncake = options.kvConnector === "mooncake";
  const bootstrapWords = ({ bootstrapPort }: RouterBackend): readonly string[] =>
    isMooncake && bootstrapPort !== null ? [String(bootstrapPort)] : [];
  return [
    "--vllm-pd-disaggregation",
    ...(isMooncake ? ["--kv-connector", "mooncake"] : []),
    ...prefill.flatMap((rank) => ["--prefill", backendUrl(rank), ...bootstrapWords(rank)]),
    ...decode.flatMap((rank) => ["--decode", backendUrl(rank)]),
  ];
}

function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
