import type { PolicyName } from "../../router/mod.ts";
import {
  parseDecimalSeconds,
  parseHeaderName,
  parseOrigin,
  parsePath,
  parsePort,
  parseSeconds,
  parseServerUrl,
  parseSocketPath,
  wholeNumber,
} from "./parsers.ts";

/** Flags of `penstock router`, called what `vllm-router` calls them, or else vLLM. */
export interface RouterFlags {
  readonly host?: string;
  readonly port?: number;
  readonly uds?: string;
  readonly threads?: number;
  readonly policy: PolicyName;
  readonly sessionHeader?: readonly string[];
  readonly sessionsDir?: string;
  readonly workerUrls?: readonly string[];
  readonly vllmPdDisaggregation: boolean;
  readonly prefill?: readonly string[];
  readonly decode?: readonly string[];
  readonly adminUds?: string;
  readonly apiKeyFile?: string;
  readonly sslCertfile?: string;
  readonly sslKeyfile?: string;
  readonly allowedOrigins?: readonly string[];
  readonly maxConnections?: number;
  readonly maxConcurrentRequests?: number;
  readonly queueSize?: number;
  readonly queueTimeoutSecs?: number;
  readonly maxPayloadSize?: number;
  readonly rankSilenceTimeoutSecs?: number;
  readonly healthCheckIntervalSecs?: number;
  readonly healthCheckTimeoutSecs?: number;
  readonly healthFailureThreshold?: number;
  readonly drainTimeoutSecs?: number;
  readonly accessLog?: string;
  readonly logLevel: "debug" | "info" | "warning" | "error";
}

const countMax = 1_000_000;
/** More than any body, and small enough to be counted exactly. */
const payloadBytesMax = 1_099_511_627_776;
const threadsMax = 64;

const parseThreads = wholeNumber(1, threadsMax, "threads");
const parseSome = wholeNumber(1, countMax);
const parseAny = wholeNumber(0, countMax);
const parseBytes = wholeNumber(1, payloadBytesMax, "bytes");

/** Where it listens, and for whom. */
const listenFlags = {
  host: optional(String, "Address to listen on; default 127.0.0.1"),
  port: optional(parsePort, "TCP port; default 8000"),
  uds: optional(parseSocketPath, "Unix socket to listen on, in place of --host and --port"),
  threads: optional(parseThreads, "Threads that share the port; default 1"),
  apiKeyFile: optional(parsePath, "File of the API keys that clients must show, one a line"),
  sslCertfile: optional(
    parsePath,
    "PEM file of the certificate for TLS, then of those between it and a trusted one",
  ),
  sslKeyfile: optional(
    parsePath,
    "PEM file of its private key, where that is not in the same file",
  ),
  allowedOrigins: repeated(
    parseOrigin,
    "Origin of web pages whose browsers may ask, once for each; * for all",
  ),
} as const;

/** Which ranks there are, and how one is chosen. */
const rankFlags = {
  policy: {
    kind: "enum",
    values: ["consistent_hash", "round_robin", "power_of_two", "sticky_least_loaded"],
    brief: "How a rank is chosen",
    default: "consistent_hash",
  },
  sessionHeader: repeated(
    parseHeaderName,
    "Header that names a session, once for each, best first; default X-Session-ID and others",
  ),
  sessionsDir: optional(
    parsePath,
    "Directory where the ranks of sessions outlive the router (sticky_least_loaded)",
  ),
  workerUrls: repeated(parseServerUrl, "URL of a rank, once for each"),
  vllmPdDisaggregation: {
    kind: "boolean",
    withNegated: false,
    default: false,
    brief: "Let some ranks compute prompts and others answers",
  },
  prefill: repeated(parseServerUrl, "URL of a rank that computes prompts, once for each"),
  decode: repeated(parseServerUrl, "URL of a rank that computes answers, once for each"),
  adminUds: optional(
    parseSocketPath,
    "Unix socket on which ranks are added, drained and removed (penstock ranks)",
  ),
} as const;

/** What is too much, too long or too late. */
const limitFlags = {
  maxConnections: optional(parseSome, "Connections of clients; default 16384"),
  maxConcurrentRequests: optional(parseSome, "Requests that run at once; default 8192"),
  queueSize: optional(parseAny, "Requests that wait while as many run as may; default 1024"),
  queueTimeoutSecs: optional(parseSeconds, "How long such a request waits; default 60"),
  maxPayloadSize: optional(parseBytes, "Bytes of one request's body; default 268435456"),
  rankSilenceTimeoutSecs: optional(
    parseSeconds,
    "How long a rank may send nothing for a request; no limit on the whole request; default 14400",
  ),
  healthCheckIntervalSecs: optional(
    parseSeconds,
    "Seconds between checks of a rank that is up; default 5",
  ),
  healthCheckTimeoutSecs: optional(
    parseSeconds,
    "How long a rank may take to answer one; default 5",
  ),
  healthFailureThreshold: optional(
    parseSome,
    "Failed checks in a row that take a rank out; default 3",
  ),
  drainTimeoutSecs: optional(
    parseDecimalSeconds,
    "How long running requests may go on after SIGTERM; default 30, under a supervisor 1.5",
  ),
} as const;

const logFlags = {
  accessLog: optional(parsePath, "File that gets a JSON line for each request; - is stdout"),
  logLevel: {
    kind: "enum",
    values: ["debug", "info", "warning", "error"],
    brief: "Lowest level of log lines",
    default: "info",
  },
} as const;

export const routerFlags = { ...listenFlags, ...rankFlags, ...limitFlags, ...logFlags } as const;

function optional<T>(parse: (word: string) => T, brief: string) {
  return { kind: "parsed", parse, brief, optional: true } as const;
}

function repeated<T>(parse: (word: string) => T, brief: string) {
  return { ...optional(parse, brief), variadic: true } as const;
}
