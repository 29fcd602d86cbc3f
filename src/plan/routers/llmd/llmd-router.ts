import { toWords } from "../../commands/flags.ts";
import { isDisaggregated, type RouterBackend } from "../backend.ts";
import { jsonFile, type ProcessSpec } from "../process-spec.ts";
import { serverUrl } from "../server-url.ts";
import { endpointsFile, endpointsFileBytesMax } from "./endpoints-file.ts";
import { envoyConfig } from "./envoy-config.ts";
import { eppConfig } from "./epp-config.ts";
import {
  llmdScorers,
  llmdScorersThatNeedMore,
  mergeWeights,
  type ScorerWeights,
} from "./scorers.ts";

export interface LlmdRouterOptions {
  /** Where clients come in. */
  readonly host: string;
  readonly port: number;
  readonly ports: LlmdPorts;
  /** Ranks, a decode rank with the port of its sidecar. */
  readonly backends: readonly RouterBackend[];
  readonly scorers: ScorerWeights;
  readonly prefillScorerOverrides: ScorerWeights;
  readonly decodeScorerOverrides: ScorerWeights;
  readonly nonCachedTokens: number;
  /** Absolute path of the deployment's output directory on the node. */
  readonly outputDirectory: string;
  /** Where the files go in it, such as "router-0". */
  readonly directory: string;
  readonly startTimeoutMs: number;
}

export interface LlmdPorts {
  /** Envoy asks the endpoint picker here, on loopback. */
  readonly eppGrpc: number;
  readonly eppHealth: number;
  readonly eppMetrics: number;
  /** Envoy's admin interface, on loopback. */
  readonly envoyAdmin: number;
}

/** 9003, the endpoint picker's own default for its health, is where a Mooncake master has its metrics. */
export const llmdDefaultPorts: LlmdPorts = {
  eppGrpc: 9002,
  eppHealth: 9013,
  eppMetrics: 9090,
  envoyAdmin: 9901,
};

export interface LlmdRouter {
  /** The endpoint picker, to be started before Envoy. */
  readonly epp: ProcessSpec;
  readonly envoy: ProcessSpec;
  readonly warnings: readonly string[];
}

/** llm-d as the router: Envoy, which clients reach, and the endpoint picker (EPP) that decides for it. */
export function llmdRouter(options: LlmdRouterOptions): LlmdRouter {
  const epp = endpointPicker(options);
  return { epp, envoy: gateway(options), warnings: warningsOf(options, epp) };
}

function endpointPicker(options: LlmdRouterOptions): ProcessSpec {
  const { eppGrpc, eppHealth, eppMetrics } = options.ports;
  const { outputDirectory, directory, startTimeoutMs } = options;
  const configPath = `${directory}/epp.json`;
  const endpointsPath = `${directory}/endpoints.json`;
  const config = eppConfig({
    ...options,
    endpointsPath: `${outputDirectory}/${endpointsPath}`,
    isDisaggregated: isDisaggregated(options.backends),
  });
  const flags = {
    "--pool-name": "penstock",
    "--pool-namespace": "default",
    "--config-file": `${outputDirectory}/${configPath}`,
    "--grpc-port": eppGrpc,
    "--grpc-health-port": eppHealth,
    "--metrics-port": eppMetrics,
  };
  return {
    argv: [
      "epp",
      ...toWords(flags),
      // On by default, and each wants something that only Kubernetes has: certificates, token reviews, a collector.
      "--secure-serving=false",
      "--metrics-endpoint-auth=false",
      "--tracing=false",
      // Its profiler would stand open beside the metrics.
      "--enable-pprof=false",
      ...(usedScorers(options).some(isAlpha) ? ["--allow-experimental-plugins"] : []),
    ],
    env: {},
    files: [jsonFile(configPath, config), endpointsFile(endpointsPath, options.backends)],
    ports: [
      { purpose: "grpc", host: "0.0.0.0", port: eppGrpc },
      { purpose: "health", host: "0.0.0.0", port: eppHealth },
      { purpose: "metrics", host: "0.0.0.0", port: eppMetrics },
    ],
    ready: {
      kind: "http",
      url: serverUrl("127.0.0.1", eppMetrics, "/metrics"),
      timeoutMs: startTimeoutMs,
    },
  };
}

function gateway(options: LlmdRouterOptions): ProcessSpec {
  const { host, port, ports, outputDirectory, directory, startTimeoutMs } = options;
  const configPath = `${directory}/envoy.json`;
  const config = envoyConfig({
    host,
    port,
    adminPort: ports.envoyAdmin,
    eppGrpcPort: ports.eppGrpc,
  });
  return {
    // Without hot restart, or the second Envoy of a machine takes itself for the successor of the first.
    argv: ["envoy", "--config-path", `${outputDirectory}/${configPath}`, "--disable-hot-restart"],
    env: {},
    files: [jsonFile(configPath, config)],
    ports: [
      { purpose: "http", host, port },
      { purpose: "metrics", host: "127.0.0.1", port: ports.envoyAdmin },
    ],
    ready: {
      kind: "http",
      url: serverUrl("127.0.0.1", ports.envoyAdmin, "/ready"),
      timeoutMs: startTimeoutMs,
    },
  };
}

/** Names of the scorers that any profile has. */
function usedScorers(options: LlmdRouterOptions): readonly string[] {
  const { scorers, prefillScorerOverrides, decodeScorerOverrides } = options;
  const overrides = isDisaggregated(options.backends)
    ? [prefillScorerOverrides, decodeScorerOverrides]
    : [{}];
  const names = overrides.flatMap((weights) => Object.keys(mergeWeights(scorers, weights)));
  return [...new Set(names)];
}

function isAlpha(scorer: string): boolean {
  return llmdScorers[scorer] === "alpha";
}

function warningsOf(options: LlmdRouterOptions, epp: ProcessSpec): readonly string[] {
  const warnings = usedScorers(options).flatMap(warningsOfScorer);
  if (isDisaggregated(options.backends) && options.nonCachedTokens === 0)
    warnings.push("non_cached_tokens is 0: llm-d never asks a prefill rank");
  const endpointsBytes = Buffer.byteLength(epp.files[1]!.content);
  if (endpointsBytes > endpointsFileBytesMax)
    warnings.push(
      `The endpoints file of llm-d has ${endpointsBytes} bytes, but its endpoint picker reads at most ${endpointsFileBytesMax}`,
    );
  return warnings;
}

function warningsOfScorer(name: string): string[] {
  const need = llmdScorersThatNeedMore[name];
  if (need !== undefined)
    return [`llm-d's "${name}" needs ${need}, which a deployment does not set up`];
  if (!isAlpha(name)) return [];
  return [`llm-d calls "${name}" experimental: its endpoint picker is started so that it loads`];
}
