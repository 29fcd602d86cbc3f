import { posix } from "node:path";
import type { Config } from "../../config/mod.ts";
import type { Inventory } from "../inventory.ts";
import { nodeAddress } from "../node-address.ts";
import type { Plan } from "../types.ts";

/** What every process of the deployment is planned from. */
export interface PlanContext {
  readonly config: Config;
  readonly inventory: Inventory;
  readonly engine: Plan["engine"];
  /** The address that ranks and their helpers listen on at a node. */
  readonly hostOf: (node: number) => string;
  /** The address that the router listens on at a node. */
  readonly routerHostOf: (node: number) => string;
  /** The deployment's output directory: absolute, the same on every node. */
  readonly outputDirectory: string;
  /** Longest start of an engine: it reads the weights, and vLLM compiles. */
  readonly startTimeoutMs: number;
}

/** Ranks of one machine are reached through the router only, so they listen on the loopback interface. */
const loopback = "127.0.0.1";
const startTimeoutMs = { embedded: 600_000, vllm: 4_200_000 } as const;

export function makeContext(
  config: Config,
  inventory: Inventory,
  engine: Plan["engine"],
): PlanContext {
  const isLocal = config.slurm === null;
  const localHost = config.pd_disagg?.host ?? loopback;
  const routerHost = config.pd_disagg?.host ?? config.server.host;
  return {
    config,
    inventory,
    engine,
    hostOf: isLocal ? () => localHost : nodeAddress,
    routerHostOf: isLocal || !isLoopback(routerHost) ? () => routerHost : nodeAddress,
    outputDirectory: absolutePath(inventory.workingDirectory, config.output_dir),
    startTimeoutMs: startTimeoutMs[engine],
  };
}

/** Under Slurm nobody can use a router that listens on its own machine only; it takes the node's address then. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** Paths of nodes are POSIX paths, whatever machine makes the Plan. */
function absolutePath(directory: string, path: string): string {
  return posix.resolve(directory, path);
}
