import { mooncakeDefaultLeaseMs, mooncakeDefaultPorts, mooncakeStore } from "../mooncake/mod.ts";
import type { PortBook } from "../ports.ts";
import { range } from "../shapes/replica-shape.ts";
import type { DeploymentShape } from "../shapes/deployment-shape.ts";
import { type PlacedProcess, placeProcess } from "./place-process.ts";
import type { PlanContext } from "./plan-context.ts";

/** The store of KV blocks that all engines share. */
export interface StorePart {
  readonly processes: readonly PlacedProcess[];
  /** For each node: what its engines start after, and what they find the store by. */
  readonly clients: ReadonlyMap<number, StoreClient>;
}

export interface StoreClient {
  readonly id: string;
  readonly engineEnv: Readonly<Record<string, string>>;
}

const startTimeoutMs = 120_000;
const masterId = "mooncake-master";
const nothing: StorePart = { processes: [], clients: new Map() };

/** Mooncake's master on the first node, and on each node a client with the node's share of the pool. */
export function storePart(shape: DeploymentShape, book: PortBook, context: PlanContext): StorePart {
  const { config, outputDirectory, engine } = context;
  const { kv_cache_offload: offload } = config;
  if (engine !== "vllm" || offload?.type !== "mooncake" || offload.cpu === null) return nothing;
  const nodes = range(shape.nodeCount);
  const { master, clients } = mooncakeStore({
    headNode: 0,
    nodes,
    ports: storePorts(shape.nodeCount, book),
    protocol: offload.protocol,
    deviceNames: offload.device_name,
    segmentBytes: offload.cpu.num_bytes,
    diskPath: offload.disk?.path ?? null,
    leaseMs: mooncakeDefaultLeaseMs,
    outputDirectory,
    startTimeoutMs,
  });
  const standing = { kind: "store", flag: "--kv-cache-offload.type" } as const;
  const head = { ...standing, node: 0, id: masterId, replica: 0, after: [] };
  return {
    processes: [
      placeProcess(master, head),
      ...clients.map(({ node, ...client }) =>
        placeProcess(client, {
          ...standing,
          node,
          id: clientId(node),
          replica: replicaOf(node, shape),
          after: node === 0 ? [masterId] : [],
        }),
      ),
    ],
    clients: new Map(
      clients.map(({ node, engineEnv }) => [node, { id: clientId(node), engineEnv }]),
    ),
  };
}

function storePorts(nodeCount: number, book: PortBook) {
  const everywhere = (port: number): number => book.takeEverywhere(nodeCount, port);
  const { rpc, metadata, metrics, client, clientHttp } = mooncakeDefaultPorts;
  return {
    rpc: everywhere(rpc),
    metadata: everywhere(metadata),
    metrics: everywhere(metrics),
    client: everywhere(client),
    clientHttp: everywhere(clientHttp),
  };
}

function clientId(node: number): string {
  return `mooncake-client-${node}`;
}

function replicaOf(node: number, { nodeCount, replicas }: DeploymentShape): number {
  return Math.floor((node * replicas.length) / nodeCount);
}
