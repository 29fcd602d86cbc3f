import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { Config } from "../../config/mod.ts";
import type { Inventory } from "../inventory.ts";
import { nodeAddress } from "../node-address.ts";
import type { DeploymentShape, Rank } from "../shapes/deployment-shape.ts";
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
  /** The address that clients reach the router at a node by. */
  readonly clientHostOf: (node: number) => string;
  /** The deployment's output directory: absolute, the same on every node. */
  readonly outputDirectory: string;
  /** Tells what this deployment leaves on a node from what others do. */
  readonly deploymentKey: string;
  /** Ranks that share the cores of one machine. */
  readonly machineRankCount: number;
  /** Longest start of an engine: it reads the weights, and vLLM compiles. */
  readonly startTimeoutMs: number;
}

/** Ranks of one machine are reached through the router only, so they listen on the loopback interface. */
const loopback = "127.0.0.1";
const startTimeoutMs = { embedded: 600_000, vllm: 4_200_000 } as const;

export function makeContext(
  config: Config,
  inventory: Inventory,
  { engine, shape }: { readonly engine: Plan["engine"]; readonly shape: DeploymentShape },
): PlanContext {
  const isSlurm = config.slurm !== null;
  const outputDirectory = posix.resolve(inventory.workingDirectory, config.output_dir);
  const poolHost = config.pd_disagg?.host ?? loopback;
  // Ranks tell each other this address: one that stands for all of them is none to tell.
  const localHost = isWildcard(poolHost) ? loopback : poolHost;
  const routerHost = config.pd_disagg?.host ?? config.server.host;
  // Nodes of one machine have loopback addresses of their own, which keeps the ports of their routers apart.
  const hasNodes = isSlurm || shape.nodeCount > 1;
  const routerHostOf = hasNodes && isLoopback(routerHost) ? nodeAddress : () => routerHost;
  return {
    config,
    inventory,
    engine,
    hostOf: hasNodes ? nodeAddress : () => localHost,
    routerHostOf,
    clientHostOf: isSlurm && isWildcard(routerHost) ? nodeAddress : routerHostOf,
    outputDirectory,
    deploymentKey: createHash("sha256").update(outputDirectory).digest("hex").slice(0, 8),
    machineRankCount: isSlurm ? ranksOfFullestNode(shape) : ranksOf(shape).length,
    startTimeoutMs: startTimeoutMs[engine],
  };
}

/** A router that listens on its own machine only takes the address of its node, where nodes have one. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** Clients of a router that listens at every address of its node are on other nodes too. */
function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function ranksOf({ replicas }: DeploymentShape): readonly Rank[] {
  return replicas.flatMap(({ instances }) => instances.flatMap(({ ranks }) => ranks));
}

function ranksOfFullestNode(shape: DeploymentShape): number {
  const counts = Array.from({ length: shape.nodeCount }, () => 0);
  for (const { node } of ranksOf(shape)) counts[node]!++;
  return counts.reduce((most, count) => Math.max(most, count), 0);
}
