import { toWords } from "../../commands/flags.ts";
import type { ProcessSpec } from "../process-spec.ts";
import { serverUrl } from "../server-url.ts";

/** How prefill hands KV blocks to decode, as pd-sidecar calls it. */
export type SidecarKvConnector = "nixlv2" | "mooncake" | "offloading" | "shared-storage";

export interface PdSidecarOptions {
  /** The node's own address, or `{node:3}`. */
  readonly host: string;
  /** Where the gateway sends the decode rank's requests. */
  readonly port: number;
  /** Of the decode rank itself, which the sidecar asks on localhost: the rank has to listen there too. */
  readonly rankPort: number;
  readonly kvConnector: SidecarKvConnector;
  /** Where every prefill rank of the Mooncake connector tells its engine id; null with other connectors. */
  readonly bootstrapPort: number | null;
  readonly startTimeoutMs: number;
}

/**
 * llm-d's sidecar of one decode rank: it runs a request on the prefill rank that the endpoint picker chose, then on
 * its own. One stands before each rank, so that a rank's place in its data-parallel group is nothing to it.
 */
export function pdSidecar(options: PdSidecarOptions): ProcessSpec {
  const { host, port, startTimeoutMs } = options;
  const flags = {
    "--port": port,
    "--model-server-port": options.rankPort,
    "--kv-connector": options.kvConnector,
    "--mooncake-bootstrap-port": options.bootstrapPort,
  };
  return {
    // Its TLS is on by default, and the gateway speaks plain HTTP.
    argv: ["pd-sidecar", ...toWords(flags), "--secure-proxy=false"],
    env: {},
    files: [],
    ports: [{ purpose: "http", host, port }],
    ready: { kind: "http", url: serverUrl(host, port, "/health"), timeoutMs: startTimeoutMs },
  };
}
