import { type Flags, toWords } from "../commands/flags.ts";
import { backendsByRole, backendUrl, isDisaggregated, type RouterBackend } from "./backend.ts";
import type { ProcessSpec } from "./process-spec.ts";
import { routerUrl, serverUrl } from "./server-url.ts";

export interface PenstockRouterOptions {
  /** The words that start Penstock itself, such as `["penstock"]`. */
  readonly command: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly policy: string;
  readonly logLevel: string;
  /** File of the keys that clients must show; an absolute path. */
  readonly apiKeyFile: string | null;
  /** Certificate and private key for TLS, likewise; null for a port without TLS, and for one file with both. */
  readonly sslCertfile: string | null;
  readonly sslKeyfile: string | null;
  readonly backends: readonly RouterBackend[];
  readonly startTimeoutMs: number;
}

/** Our own router: flags are called as `vllm-router` calls them, but a list repeats its flag. */
export function penstockRouter(options: PenstockRouterOptions): ProcessSpec {
  const { command, host, port, policy, logLevel, startTimeoutMs } = options;
  const listen = { "--host": host, "--port": port, "--policy": policy };
  return {
    argv: [
      ...command,
      "router",
      ...toWords(listen),
      ...backendWords(options.backends),
      ...toWords({
        "--api-key-file": options.apiKeyFile,
        "--ssl-certfile": options.sslCertfile,
        "--ssl-keyfile": options.sslKeyfile,
      }),
      ...toWords({ "--log-level": logLevel }),
    ],
    env: {},
    files: [],
    ports: [{ purpose: "http", host, port }],
    ready: {
      kind: "http",
      url: routerUrl(options.sslCertfile !== null, serverUrl(host, port, "/health")),
      timeoutMs: startTimeoutMs,
    },
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
