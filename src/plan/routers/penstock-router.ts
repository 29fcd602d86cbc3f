import { type Flags, toWords } from "../commands/flags.ts";
import { backendsByRole, backendUrl, isDisaggregated, type RouterBackend } from "./backend.ts";
import type { ProcessSpec } from "./process-spec.ts";
import { routerUrl, serverUrl } from "./server-url.ts";

/** Paths are absolute; null leaves a flag out, so that the router takes its own default. */
export interface PenstockRouterOptions {
  /** The words that start Penstock itself, such as `["penstock"]`. */
  readonly command: readonly string[];
  readonly host: string;
  readonly port: number;
  /** A Unix socket to listen on in place of host and port. */
  readonly uds: string | null;
  readonly threads: number;
  readonly policy: string;
  readonly sessionHeaders: readonly string[] | null;
  readonly sessionsDirectory: string | null;
  /** A Unix socket for the admin routes. */
  readonly adminUds: string;
  readonly logLevel: string;
  /** A file, or `-` for the router's own log. */
  readonly accessLog: string | null;
  /** File of the keys that clients must show. */
  readonly apiKeyFile: string | null;
  /** Certificate and private key for TLS; null for a port without TLS, and for one file with both. */
  readonly sslCertfile: string | null;
  readonly sslKeyfile: string | null;
  readonly allowedOrigins: readonly string[];
  readonly maxConcurrentRequests: number | null;
  readonly queueSize: number | null;
  readonly queueTimeoutSeconds: number | null;
  readonly maxPayloadBytes: number | null;
  readonly drainSeconds: number | null;
  readonly backends: readonly RouterBackend[];
  readonly startTimeoutMs: number;
}

/** Our own router: flags are called as `vllm-router` calls them, but a list repeats its flag. */
export function penstockRouter(options: PenstockRouterOptions): ProcessSpec {
  const { command, host, port, uds, startTimeoutMs } = options;
  const isSecure = options.sslCertfile !== null;
  return {
    argv: [
      ...command,
      "router",
      ...toWords(listenFlags(options)),
      ...backendWords(options.backends),
      ...toWords(furtherFlags(options)),
    ],
    env: {},
    files: [],
    ports: uds === null ? [{ purpose: "http", host, port }] : [],
    ready: {
      kind: "http",
      url: routerUrl(isSecure, uds === null ? serverUrl(host, port, "/health") : socketHealthUrl),
      ...(uds !== null && { socketPath: uds }),
      timeoutMs: startTimeoutMs,
    },
  };
}

/** What stands for the host of a server on a Unix socket is not looked up. */
const socketHealthUrl = "http://localhost/health";

function listenFlags({ host, port, uds, ...options }: PenstockRouterOptions): Flags {
  return {
    ...(uds === null ? { "--host": host, "--port": port } : { "--uds": uds }),
    "--threads": options.threads === 1 ? null : options.threads,
    "--policy": options.policy,
    "--session-header": options.sessionHeaders,
    "--sessions-dir": options.sessionsDirectory,
    "--admin-uds": options.adminUds,
  };
}

function furtherFlags(options: PenstockRouterOptions): Flags {
  return {
    "--api-key-file": options.apiKeyFile,
    "--ssl-certfile": options.sslCertfile,
    "--ssl-keyfile": options.sslKeyfile,
    "--allowed-origins": options.allowedOrigins,
    "--max-concurrent-requests": options.maxConcurrentRequests,
    "--queue-size": options.queueSize,
    "--queue-timeout-secs": options.queueTimeoutSeconds,
    "--max-payload-size": options.maxPayloadBytes,
    "--drain-timeout-secs": options.drainSeconds,
    "--access-log": options.accessLog,
    "--log-level": options.logLevel,
  };
}

function backendWords(backends: readonly RouterBackend[]): readonly string[] {
  const { both, prefill, decode } = backendsByRole(backends);
  if (!isDisaggregated(backends)) return toWords({ "--worker-urls": both.map(backendUrl) });
  const flags: Flags = {
    "--prefill": prefill.map(backendUrl),
    "--decode": decode.map(backendUrl),
  };
  return ["--vllm-pd-disaggregation", ...toWords(flags)];
}
