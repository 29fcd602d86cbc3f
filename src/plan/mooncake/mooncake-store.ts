import { nodeAddress } from "../node-address.ts";
import { jsonFile, type ProcessSpec } from "../routers/mod.ts";
import type { PlannedFile } from "../types.ts";

export interface MooncakeOptions {
  /** The node of the master, which also runs the metadata server. */
  readonly headNode: number;
  /** Every node with engines, the head among them: each gives its memory to the one pool. */
  readonly nodes: readonly number[];
  readonly ports: MooncakePorts;
  readonly protocol: "rdma" | "tcp";
  /** Network devices, separated by commas; empty takes all. */
  readonly deviceNames: string;
  /** Memory that each node gives. */
  readonly segmentBytes: number;
  /** Directory of each node for blocks that leave its memory; null keeps blocks in memory only. */
  readonly diskPath: string | null;
  /** How long a block that is being read stays where it is. */
  readonly leaseMs: number;
  /** Absolute path of the deployment's output directory on each node. */
  readonly outputDirectory: string;
  readonly startTimeoutMs: number;
}

export interface MooncakePorts {
  /** Of the master. */
  readonly rpc: number;
  /** Of the metadata server in it. */
  readonly metadata: number;
  /** Of the master, `/metrics` and `/health`. */
  readonly metrics: number;
  /** Of each node's client. */
  readonly client: number;
  /** Of each node's client, `/health`. */
  readonly clientHttp: number;
}

export const mooncakeDefaultPorts: MooncakePorts = {
  rpc: 50_051,
  metadata: 8080,
  metrics: 9003,
  client: 50_052,
  clientHttp: 9300,
};

/** An hour: with Mooncake's own 10 s, blocks went away before decode ranks had read them. */
export const mooncakeDefaultLeaseMs = 3_600_000;

/** Staging memory of each vLLM worker for blocks on their way to or from the pool. */
const localBufferBytes = 4_294_967_296;

export interface MooncakeStore {
  readonly master: ProcessSpec;
  /** One a node, in the order of the nodes. */
  readonly clients: readonly MooncakeClient[];
}

export interface MooncakeClient extends ProcessSpec {
  readonly node: number;
  /** What the engines of the node need in their environment to find the pool. */
  readonly engineEnv: Readonly<Record<string, string>>;
}

/**
 * Mooncake's shared store of KV blocks: a master with the metadata of all blocks, and on each node a client that holds
 * the node's share of the pool. Blocks are named by what they hold, so what one engine stored every engine finds.
 */
export function mooncakeStore(options: MooncakeOptions): MooncakeStore {
  return {
    master: masterOf(options),
    clients: options.nodes.map((node) => clientOf(options, node)),
  };
}

function masterOf(options: MooncakeOptions): ProcessSpec {
  const { ports, diskPath, headNode, startTimeoutMs } = options;
  const host = nodeAddress(headNode);
  return {
    argv: [
      "mooncake_master",
      `-rpc_port=${ports.rpc}`,
      "-enable_http_metadata_server=true",
      "-http_metadata_server_host=0.0.0.0",
      `-http_metadata_server_port=${ports.metadata}`,
      `-metrics_port=${ports.metrics}`,
      `-default_kv_lease_ttl=${options.leaseMs}`,
      ...(diskPath === null ? [] : ["-enable_offload=true", `-root_fs_dir=${diskPath}`]),
    ],
    env: diskEnv(diskPath),
    files: [],
    ports: [
      { purpose: "store", host, port: ports.rpc },
      { purpose: "http", host, port: ports.metadata },
      { purpose: "metrics", host, port: ports.metrics },
    ],
    ready: {
      kind: "http",
      url: `http://${host}:${ports.metrics}/health`,
      timeoutMs: startTimeoutMs,
    },
  };
}

function clientOf(options: MooncakeOptions, node: number): MooncakeClient {
  const { ports, diskPath, deviceNames, startTimeoutMs } = options;
  const host = nodeAddress(node);
  const config = engineConfigFile(options, node);
  return {
    node,
    argv: [
      "mooncake_client",
      `-host=${host}`,
      `-port=${ports.client}`,
      `-master_server_address=${masterAddress(options)}`,
      `-metadata_server=${metadataUrl(options)}`,
      `-protocol=${options.protocol}`,
      `-global_segment_size=${options.segmentBytes}`,
      ...(deviceNames === "" ? [] : [`-device_names=${deviceNames}`]),
      ...(diskPath === null ? [] : ["-enable_offload=true"]),
      "-enable_http_server=true",
      `-http_port=${ports.clientHttp}`,
    ],
    env: diskEnv(diskPath),
    files: [config],
    ports: [
      { purpose: "store", host, port: ports.client },
      { purpose: "health", host, port: ports.clientHttp },
    ],
    ready: {
      kind: "http",
      url: `http://${host}:${ports.clientHttp}/health`,
      timeoutMs: startTimeoutMs,
    },
    engineEnv: {
      MOONCAKE_CONFIG_PATH: `${options.outputDirectory}/${config.path}`,
      // Blocks are named by hashes, which agree between processes only where Python's own do.
      PYTHONHASHSEED: "0",
      ...diskEnv(diskPath),
    },
  };
}

/**
 * What vLLM's MooncakeStoreConnector reads (`MOONCAKE_CONFIG_PATH`). Engines give no memory of their own, so that
 * blocks outlive an engine that restarts. A file a node: one on a shared disk would be written by many at once.
 */
function engineConfigFile(options: MooncakeOptions, node: number): PlannedFile {
  return jsonFile(`mooncake/node-${node}.json`, {
    mode: "standalone-store",
    metadata_server: metadataUrl(options),
    master_server_address: masterAddress(options),
    global_segment_size: 0,
    local_buffer_size: localBufferBytes,
    protocol: options.protocol,
    device_name: options.deviceNames,
    enable_offload: options.diskPath !== null,
  });
}

function diskEnv(diskPath: string | null): Readonly<Record<string, string>> {
  if (diskPath === null) return {};
  return {
    MOONCAKE_OFFLOAD_FSDIR: diskPath,
    MOONCAKE_OFFLOAD_FILE_STORAGE_PATH: diskPath,
    MOONCAKE_OFFLOAD_ENABLE_EVICTION: "true",
  };
}

function masterAddress({ headNode, ports }: MooncakeOptions): string {
  return `${nodeAddress(headNode)}:${ports.rpc}`;
}

function metadataUrl({ headNode, ports }: MooncakeOptions): string {
  return `http://${nodeAddress(headNode)}:${ports.metadata}/metadata`;
}
